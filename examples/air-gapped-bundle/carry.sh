#!/bin/sh
# Makes a signed bundle of a chart with its images, and pushes it to a registry that the chart knows nothing of.
set -eu
chart=$1
registry=$2

# Where the network is.
[ -f key.pem ] || openssl genpkey -algorithm ed25519 -out key.pem
openssl pkey -in key.pem -pubout -out key.pub
chartferry bundle create "$chart" --file shop.ferry --sign-key key.pem

# Where it is not.
chartferry bundle verify shop.ferry --bundle-key key.pub
chartferry bundle push shop.ferry --to "$registry" --bundle-key key.pub
