import { describe, expect, it } from 'vitest'
import { withPresentNames } from '../../src/help/former-flags.ts'

describe('withPresentNames', () => {
  it.each([
    ['plan web --save plan.json', 'plan web --save-plan plan.json'],
    ['plan web --save=plan.json', 'plan web --save-plan=plan.json'],
    ['bundle serve x --tls-cert a --tls-key b', 'bundle serve x --cert-file a --key-file b'],
    ['bundle push x --verify-key k', 'bundle push x --bundle-key k'],
    ['copy a --verify-key k --images list', 'copy a --verify-key k --image-list list'],
    ['serve -c file', 'serve --server-config file'],
    ['relocate a --sign k --sign-key l', 'relocate a --sign-key k --sign-key l'],
    ['plan -- --save', 'plan -- --save'],
  ])('takes %s for %s', (line, now) => expect(withPresentNames(line.split(' ')).join(' ')).toBe(now))
})
