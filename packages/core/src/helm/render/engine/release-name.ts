// Which names a release can have (Helm's pkg/chartutil/validate_name.go).
import { ChartferryError } from '../../../errors.ts'
import { quoted } from '../../template/quote.ts'
import { bare } from '../../template/text.ts'

const validName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const asHelmSpellsIt = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'
const mostBytes = 53

/** Throws RENDER_FAILED with Helm's words for a name that Helm refuses. */
export function checkReleaseName(name: string, helm: 3 | 4): void {
  if (name.length <= mostBytes && validName.test(name)) return
  const why =
    name === ''
      ? 'no name provided'
      : `invalid release name, must match regex ${asHelmSpellsIt} and the length must not be longer than ${mostBytes}`
  const step = helm === 3 ? '' : 'release name check failed: '
  throw new ChartferryError('RENDER_FAILED', `${step}release name ${bare(quoted(name))}: ${why}`)
}
