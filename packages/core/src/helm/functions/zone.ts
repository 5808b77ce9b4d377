// Time zones: the offset and the short name at an instant.

/** A zone as Go's time.Location has it at one instant. */
export interface ZoneAt {
  /** `UTC`, `CET`; where no short name is known a number such as `+03`. */
  readonly name: string
  /** Seconds east of Greenwich. */
  readonly offset: number
}

/** A time zone: `Europe/Berlin`, `UTC`, or `Local` for that of this host. */
export type ZoneName = string

const utc: ZoneAt = { name: 'UTC', offset: 0 }

/** Whether there is a zone of that name. */
export function isZone(name: ZoneName): boolean {
  if (name === '' || name === 'UTC' || name === 'Local') return true
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return !/^[+-]/.test(name)
  } catch {
    return false
  }
}

/** The zone at an instant, in milliseconds since 1970. */
export function zoneAt(name: ZoneName, milliseconds: number): ZoneAt {
  const zone = name === 'Local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : name
  if (zone === '' || zone === 'UTC' || zone === 'Etc/UTC') return utc
  const part = (timeZoneName: 'longOffset' | 'short'): string => {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName })
    return format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  }
  const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(part('longOffset'))
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] = match ?? []
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  const short = part('short')
  const numeric = `${sign}${hours.padStart(2, '0')}${minutes === '00' || minutes === '0' ? '' : minutes}`
  return { name: /^[A-Z]{3,5}$/.test(short) ? short : numeric, offset: sign === '-' ? -size : size }
}
