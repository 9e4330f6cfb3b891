/** Reads `--name number` and `--flag` of a command line. */

/**
 * @param defaults - the numbers that may be given, and what they are if they are not
 * @throws Error that names what was not understood
 */
export function parseOptions<T extends object>(
  args: readonly string[],
  defaults: T,
  flags: readonly string[] = [],
): { numbers: T; flags: Set<string> } {
  const numbers: Record<string, number> = { ...(defaults as Record<string, number>) }
  const given = new Set<string>()
  for (let at = 0; at < args.length; at++) {
    const name = args[at]?.replace(/^--/, '') ?? ''
    if (flags.includes(name)) {
      given.add(name)
      continue
    }
    if (!Object.hasOwn(numbers, name)) throw new Error(`unknown: ${args[at]}; --help names all`)
    const text = args[++at]?.replaceAll(/[_,]/g, '') ?? ''
    const value = text === '' ? NaN : Number(text)
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number that is not negative`)
    numbers[name] = value
  }
  return { numbers: numbers as T, flags: given }
}
