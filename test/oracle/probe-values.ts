// The values that the probes see.

/** values.yaml of the probes' chart. */
export const probeValues = `s: hello world
empty: ""
i: 12
big: 12345678
neg: -7
f: 1.5
z: 0
t: true
off2: false
none: nothing
nil:
l: [3, 1, 2]
ls: [b, a, c, a]
lm: [{name: x, v: 1}, {name: y, v: 2}]
le: []
mixed: [1, two, 3.5, true, null, [a], {k: v}]
m: {a: 1, b: two, c: [x], d: {e: deep, f: null}, "10": ten, "9": nine}
me: {}
ver: v1.24.3-gke.100
url: https://user:pa%20ss@example.com:8443/a%20b/c?q=1&r=2#frag
multi: "one\\ntwo\\n\\n  three\\n"
path: /a/b/../c.tar.gz
uni: "h\\u00e9llo w\\u00f6rld \\U0001F600"
num: "42"
hex: "0x1F"
date: "2024-02-29T13:14:15Z"
yaml: "a: 1\\nb: [x, y]\\n"
json: '{"a": [1, 2.5, "x<y"], "b": null}'
long: "the quick brown fox jumps over the lazy dog and then the lazy dog jumps over the quick brown fox again and again"
`
