#!/usr/bin/env bash
# @koa/router 15.7.0: middleware that sets `ctx.routerPath`, to have a request routed by another path, has no effect and no error.
#
# Up to version 12 the router looked at `ctx.routerPath` before `ctx.path`, and rewriting proxies were built on that. Now the order is
# `ctx.newRouterPath`, `ctx.path`, `ctx.routerPath`. `ctx.path` is never empty, so the last is never read; and the router itself writes the *pattern* that fits
# into `ctx.routerPath`. The name that works, `newRouterPath`, is not in the README.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koa@3.3.0 @koa/router@15.7.0 >/dev/null
cat > run.mjs <<'JS'
import Router from '@koa/router'
import Koa from 'koa'
for (const name of ['routerPath', 'newRouterPath']) {
  const app = new Koa()
  const router = new Router()
  router.get('/inner', (ctx) => { ctx.body = 'inner' })
  app.use((ctx, next) => { ctx[name] = '/inner'; return next() })
  app.use(router.routes())
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { status } = await fetch(`http://127.0.0.1:${server.address().port}/outer`)
  console.log(`${name}: ${status}`)
  server.close()
}
JS
seen=$(node run.mjs)
echo "$seen"
named=$(grep -c newRouterPath node_modules/@koa/router/README.md || true)
echo "times that the README names newRouterPath: $named"
# seen with 15.7.0: routerPath: 404, newRouterPath: 200, 0 times
[ "$seen" = $'routerPath: 404\nnewRouterPath: 200' ] && [ "$named" = 0 ]
