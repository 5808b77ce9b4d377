// What is said of a chart that is not served relocated: one error for people, whatever the reason.
import { ChartferryError, type ErrorCode } from '@chartferry/core'

/** What was to be relocated. */
export interface RefusedChart {
  readonly repository: string
  readonly fileName: string
  readonly to: string
}

/** The error of a chart that cannot be relocated, with the code and the reasons behind it. */
export function relocationRefused(
  { repository, fileName, to }: RefusedChart,
  code: ErrorCode,
  reasons: readonly string[],
  hint: string = hintFor(code, repository, to),
): ChartferryError {
  const message = `${fileName} is not served for ${to}: ${code}: ${reasons.join('\n')}`
  return new ChartferryError('RELOCATION_REFUSED', message, { hint, details: { because: code, reasons } })
}

function hintFor(code: ErrorCode, repository: string, to: string): string {
  const look = `To see more: chartferry relocate CHART --to ${to} --dry-run --diff`
  switch (code) {
    case 'RENDER_FAILED':
      return `Give the values that the chart wants: \`values: { CHART: FILE }\` of "${repository}". With \`unproven: mark\` it is served, marked. ${look}`
    case 'IMAGE_UNRESOLVED':
      return `Say in a rule of "${repository}" what becomes of the image, or serve the chart marked: \`unproven: mark\`. ${look}`
    case 'IMAGE_DENIED':
      return `A rule of "${repository}" refuses the image: change the rule, or use another chart.`
    default:
      return look
  }
}
