// What has the form of an image reference and is none: addresses of pages, labels, API groups, services, packages.
import type { ImageReference } from '../../../reference/reference.ts'

const label = /(?:^|\.)(?:kubernetes|k8s)\.io$/
const labelExcept = /(?:^|\.)registry\.k8s\.io$/
const apiVersion = /^v\d+(?:(?:alpha|beta)\d+)?$/
const site =
  /^(?:www|docs?|blog|wiki|raw|api|static|download|downloads|charts?|helm|git|schemas?)\.|(?:^|\.)(?:github\.com|githubusercontent\.com|bitbucket\.org|golang\.org|gopkg\.in|googleapis\.com|sourceforge\.net)$|^gitlab\.com$/
const file =
  /\.(?:png|svg|jpe?g|gif|webp|ico|html?|pdf|css|m?js|json|ya?ml|tgz|tar|gz|zip|jar|md|sh|py|rb|go|txt|conf|cfg|toml|xml|properties|sock|pem|crt|key|log|sql|so|lua|rego)$/i
const service = /\.(?:svc|local|internal|cluster)$/
const reversedDomain = /^(?:com|org|io|net|dev|edu|gov)\./
const openUrl = /\b(?!docker:|oci:)[a-z][a-z0-9+.-]*:\/\/[^\s"']*$/i

/**
 * Why a reference is no image, although it has the form of one; undefined where nothing speaks against it. `before` is
 * what stands before it in its line.
 */
export function lookAlike({ host, path, tag }: ImageReference, before: string): string | undefined {
  if (openUrl.test(before)) return 'part of a URL'
  if (file.test(tag ?? path)) return 'a file or a picture'
  if (host === undefined) return undefined
  const domain = host.replace(/:\d+$/, '')
  if (label.test(domain) && !labelExcept.test(domain)) return 'a label or an annotation'
  if (apiVersion.test(path)) return 'an API group'
  if (site.test(domain)) return 'a page or a package'
  if (service.test(domain)) return 'a service'
  if (reversedDomain.test(domain)) return 'a package'
  return undefined
}
