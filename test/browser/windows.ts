/** Browsers, their windows and the guard over their consoles. Everything that is opened here is closed here. */
import { afterAll, afterEach, expect } from 'vitest'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium, type Camera } from '../support/outside/chromium.ts'

export interface Windows {
  /** A person's browser profile, with nothing stored; closed after the test. */
  profile: (options?: BrowserContextOptions) => Promise<BrowserContext>
  /** A page whose console is watched: any error in it fails the test, unless the test announces it. */
  page: (context: BrowserContext) => Promise<Page>
  /** Errors that belong to what the test does, such as those that Chromium writes for a refused request. */
  allowErrors: (pattern: RegExp) => void
}

/** A wide window, as on a computer. */
export const COMPUTER = { viewport: { width: 1280, height: 800 }, locale: 'en-GB' } satisfies BrowserContextOptions
/** A phone's screen; not its User-Agent, which the tests that need it set. */
export const PHONE = { viewport: { width: 360, height: 740 }, locale: 'en-GB' } satisfies BrowserContextOptions

/** What Chromium reports of a page without a network: of its requests, and of its look for a newer service worker. */
export const OFFLINE = /ERR_INTERNET_DISCONNECTED|error occurred when fetching the script/

/** What it reports of a socket that was given up while it opened: a page whose clock a test moves on waits too short. */
export const GAVE_UP = /WebSocket is closed before the connection is established/

/** How long anything on a page may take. */
const PATIENCE_MS = 10_000

/** One browser for the file, started when the first window opens. @param camera what its pages see */
export function useWindows(camera: Camera | 'ask' | 'none' | (() => Promise<Camera>) = 'none'): Windows {
  let browser: Promise<Browser> | undefined
  let contexts: BrowserContext[] = []
  let errors: string[] = []
  let allowed: RegExp[] = []

  const launch = async (): Promise<Browser> => launchChromium(typeof camera === 'function' ? await camera() : camera)

  afterEach(async () => {
    const open = contexts
    contexts = []
    await Promise.all(open.map((context) => context.close()))
    const unexpected = errors.filter((error) => !allowed.some((pattern) => pattern.test(error)))
    errors = []
    allowed = []
    expect(unexpected, 'errors on the console').toEqual([])
  })
  afterAll(async () => (await browser)?.close())

  return {
    async profile(options = COMPUTER) {
      browser ??= launch()
      const context = await (await browser).newContext(options)
      context.setDefaultTimeout(PATIENCE_MS)
      contexts.push(context)
      return context
    },
    async page(context) {
      const page = await context.newPage()
      page.on('pageerror', (error) => errors.push(`${error.name}: ${error.message}`))
      page.on('console', (message) => {
        // Violations of the Content-Security-Policy and of Trusted Types come as errors, too.
        if (message.type() === 'error' || message.type() === 'warning') {
          errors.push(`${message.text()} (${message.location().url})`)
        }
      })
      return page
    },
    allowErrors: (pattern) => void allowed.push(pattern),
  }
}

/** What Chromium writes when a request is refused: no fault of the page, where the test is about the refusal. */
export function refused(status: number): RegExp {
  return new RegExp(`Failed to load resource: the server responded with a status of ${status} `)
}
