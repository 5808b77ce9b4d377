// With which values a chart of a bundle was rendered when it was planned: whoever proves it again renders it alike.
import { ChartferryError } from '../../errors.ts'
import type { RenderValues } from '../../helm/render/chart-renderer.ts'
import { isRecord } from '../../oci/content/descriptor.ts'
import type { RenderContext } from '../../relocation/find/scenarios/scenarios.ts'

/** What was given beside the chart. */
export interface RenderedWith {
  readonly values: Required<RenderValues>
  readonly context: Pick<RenderContext, 'kubeVersion' | 'alsoKubeVersions' | 'apiVersions'>
}

/** As a bundle holds it. Paths of values files are nobody's business there: their last part is kept. */
export function formatRenderedWith({ values, context }: RenderedWith): string {
  const { kubeVersion, alsoKubeVersions = [], apiVersions = [] } = context
  const { files, setJson, set, setString, setFile, setLiteral } = values
  return JSON.stringify({
    files: files.map(({ name, text }) => ({ name: name.replace(/^.*[/\\]/, ''), text })),
    set,
    setString,
    setFile: setFile.map(({ key, text }) => ({ key, text })),
    ...(setJson.length === 0 ? {} : { setJson }),
    ...(setLiteral.length === 0 ? {} : { setLiteral }),
    kubeVersions: [...(kubeVersion === undefined ? [] : [kubeVersion]), ...alsoKubeVersions],
    apiVersions,
  })
}

/** Reads it. Throws BUNDLE_INVALID; `where` begins the message. */
export function parseRenderedWith(text: string, where: string): RenderedWith {
  const invalid = (cause?: unknown): ChartferryError =>
    new ChartferryError('BUNDLE_INVALID', `${where}: they do not have the form of values`, { cause })
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw invalid(cause)
  }
  if (!isRecord(document)) throw invalid()
  const { files, set, setString, setFile, setJson = [], setLiteral = [], kubeVersions, apiVersions } = document
  if (!isRecords(files) || !isRecords(setFile) || !isTexts(set) || !isTexts(setString)) throw invalid()
  if (!isTexts(setJson) || !isTexts(setLiteral)) throw invalid()
  if (!isTexts(kubeVersions) || !isTexts(apiVersions)) throw invalid()
  const [kubeVersion, ...alsoKubeVersions] = kubeVersions
  return {
    values: {
      files: files.map(({ name, text: content }) => ({ name: String(name), text: String(content) })),
      set,
      setString,
      setJson,
      setLiteral,
      setFile: setFile.map(({ key, text: content }) => ({ key: String(key), text: String(content) })),
    },
    context: { alsoKubeVersions, apiVersions, ...(kubeVersion === undefined ? {} : { kubeVersion }) },
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function isRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isRecord)
}
