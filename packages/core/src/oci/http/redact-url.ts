// The one place that makes a URL fit for messages and logs: secrets stand in the user part and in queries.

/** The URL without user, password and fragment; a query becomes `?…`. */
export function redactUrl(url: string | URL): string {
  const parsed = URL.parse(String(url))
  if (parsed === null) return '(malformed URL)'
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${parsed.search === '' ? '' : '?…'}`
}
