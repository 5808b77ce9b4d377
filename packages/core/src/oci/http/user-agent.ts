// How the product names itself to other servers.

/** The version of the packages, which a test compares with what these say. */
export const version = '0.1.0'

/** The value of the User-Agent header. */
export const userAgent: string = `chartferry/${version}`
