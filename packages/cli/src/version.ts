// The version of the command, which a test compares with what the package says.

/** As `chartferry --version` prints it. */
export const version = '0.1.0'
