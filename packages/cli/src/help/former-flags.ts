// Flags that had another name once: the old spelling still works, and stands in no help.

/** By command, with its verb: the old name and the new one. */
const former: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plan: { '--save': '--save-plan' },
  relocate: { '--sign': '--sign-key' },
  copy: { '--images': '--image-list' },
  emit: { '--images': '--image-list' },
  'assets list': { '--images': '--image-list' },
  'assets copy': { '--images': '--image-list' },
  'bundle serve': { '--tls-cert': '--cert-file', '--tls-key': '--key-file', '--verify-key': '--bundle-key' },
  'bundle inspect': { '--verify-key': '--bundle-key' },
  'bundle verify': { '--verify-key': '--bundle-key' },
  'bundle push': { '--verify-key': '--bundle-key' },
  'bundle extract': { '--verify-key': '--bundle-key' },
  serve: { '--config': '--server-config', '-c': '--server-config' },
  'node-config': { '--config': '--server-config' },
}

/** The arguments with the names of today. */
export function withPresentNames(args: readonly string[]): readonly string[] {
  const [first = '', second = ''] = args
  const names = former[`${first} ${second}`] ?? former[first]
  if (names === undefined) return args
  const end = args.indexOf('--')
  return args.map((arg, at) => {
    if (end >= 0 && at > end) return arg
    const [, flag = '', value = ''] = /^(--?[a-z-]+)((?:=.*)?)$/s.exec(arg) ?? []
    return Object.hasOwn(names, flag) ? `${names[flag]}${value}` : arg
  })
}
