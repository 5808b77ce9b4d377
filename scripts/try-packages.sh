#!/bin/sh
# Packs the three packages and uses them in an empty project: types, the library in ten lines, the command.
# scripts/try-packages.sh [PATH-OF-NODE-FOLDER]   the Node to use them with; default: the one on PATH
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT

for name in core server cli; do
  (cd "$root/packages/$name" && pnpm pack --pack-destination "$project" >/dev/null)
done

cd "$project"
[ $# -eq 0 ] || export PATH="$1:$PATH"
echo "node $(node --version)"
printf '{ "name": "empty", "private": true, "type": "module" }\n' >package.json
npm install --silent --no-audit --no-fund ./*.tgz typescript@7 @types/node@22
cp "$root/examples/library-use/relocate.ts" relocate.ts
npx tsc --noEmit --strict --module nodenext --target es2024 --skipLibCheck --types node relocate.ts
npx tsc --outDir out --module nodenext --target es2024 --skipLibCheck --types node relocate.ts

helm create web >/dev/null
rm -r web/templates/tests
helm package web >/dev/null
node out/relocate.js web-0.1.0.tgz registry.corp:5000/mirror relocated.tgz
helm template relocated.tgz | grep image:
npx chartferry --help | head -n 1
