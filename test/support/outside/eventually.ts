/** For what a test cannot be told: asks until it is so, or time is up. `expect.poll` cannot run in concurrent tests. */

const EVERY_MS = 50

/** Awaits `isSo`. @throws Error that names `what` when it has not come to be within the time */
export async function eventually(what: string, isSo: () => Promise<boolean>, within = 5_000): Promise<void> {
  const late = Date.now() + within
  while (!(await isSo())) {
    if (Date.now() > late) throw new Error(`waited ${within} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
}
