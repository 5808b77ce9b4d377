import { describe, expect, it } from 'vitest'
import { textReferences } from '../../../../src/relocation/find/rendered/text-references.ts'

const find = (text: string, name = ''): readonly string[] =>
  [...textReferences(text, name)].map(({ start, end }) => text.slice(start, end))

describe('textReferences', () => {
  it.each([
    ['a flag', '--config-reloader=quay.io/acme/reloader:v1', ['quay.io/acme/reloader:v1']],
    [
      'a list of versions',
      '4.2.0=quay.io/strimzi/kafka:1\n4.3.0=quay.io/strimzi/kafka:2\n',
      ['quay.io/strimzi/kafka:1', 'quay.io/strimzi/kafka:2'],
    ],
    ['JSON', `{"image":"ghcr.io/acme/web@sha256:${'a'.repeat(64)}"}`, [`ghcr.io/acme/web@sha256:${'a'.repeat(64)}`]],
    ['a key in YAML inside a text', 'versions:\n- natsImage: nats:2.10.10\n', ['nats:2.10.10']],
    ['a name of Docker Hub with a version', 'run bitnami/redis:7.2 now', ['bitnami/redis:7.2']],
    ['an artifact', 'package: oci://ghcr.io/acme/plugin:bs_1.4!part', ['ghcr.io/acme/plugin:bs_1.4']],
    ['a reference before a full stop', 'see quay.io/acme/web:1.', ['quay.io/acme/web:1']],
    ['an untagged image after its flag', '--image=quay.io/acme/web', ['quay.io/acme/web']],
  ])('finds %s', (_, text, found) => {
    expect(find(text)).toEqual(found)
  })

  it.each([
    ['a URL', 'https://quay.io/acme/web:1'],
    ['a host and port', 'redis.example.com:6379'],
    ['a service with a path', 'localhost:8080/metrics'],
    ['a path', '/var/lib/web:ro'],
    ['an API group', 'monitoring.coreos.com/v1'],
    ['a label', 'app.kubernetes.io/name'],
    ['a subject', 'system:serviceaccount:ns/name'],
    ['a ratio', 'a/b:1'],
    ['a pull policy', 'imagePullPolicy: Always'],
    ['a host without a tag', 'docs.example.com/guide'],
  ])('leaves %s alone', (_, text) => {
    expect(find(text)).toEqual([])
  })

  it('reads a large file of one line in time that grows with it', () => {
    const panels = Array.from({ length: 20_000 }, (_, index) => `{"title":"a/b ${index}","unit":"req/s"}`)
    expect(find(`[${panels.join(',')},{"image":"quay.io/acme/web:1"}]`)).toEqual(['quay.io/acme/web:1'])
  })

  it('takes the name of a variable into account', () => {
    expect([find('acme/side:v1', 'RELATED_IMAGE'), find('acme/side:v1', 'value')]).toEqual([['acme/side:v1'], []])
  })
})
