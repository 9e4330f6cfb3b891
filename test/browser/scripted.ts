/** The companion's page with a service that says what the test wants it to, when it wants it to. */
import QRCode from 'qrcode-svg'
import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core'
import type { Frame } from '../support/outside/socket.ts'
import { eventually } from './companion.ts'
import type { Windows } from './windows.ts'

export interface ScriptedCompanion {
  page: Page
  /** Waits for the page's newest socket, and says something on it. */
  say: (...frames: object[]) => Promise<void>
  /** Waits for the page's newest socket, and closes it. */
  close: (code: number) => Promise<void>
  /** What the page has sent, on all sockets. */
  sent: Frame[]
  /** How many sockets it has opened. */
  dialled: () => number
}

export const ACCOUNT = { id: 'account', name: 'Ada', number: '+4915112345678' }
export const DEVICE = { id: 'device', name: 'Chrome on Linux', linkedAt: 0 }
export const LINKED = { type: 'linked', device: DEVICE, account: ACCOUNT }
export const SPELLED = { type: 'spelled', code: 'K7PQ-2MWX', issuedAt: 0, expiresAt: 300_000 }
export const DECLINED = { type: 'declined' }
export const IDLE = { type: 'idle' }

/** The code number `rotation` of six; each has a picture of its own. */
export function qr(rotation = 1, more: object = {}): object {
  const token = `token-${rotation}`
  const times = { issuedAt: 0, expiresAt: 20_000 }
  const names = {
    token,
    url: `https://tandem.example/link#${token}`,
    image: `/scripted/${token}.svg`,
    device: 'device',
  }
  return { type: 'qr', ...names, ...times, rotation, rotations: 6, ...more }
}

export function scanned(match: string | null = null, holdMs = 120_000): object {
  return { type: 'scanned', issuedAt: 0, expiresAt: holdMs, match }
}

/** Opens the page. Its files are the service's own; its socket and the code's pictures are the test's. */
export async function openScripted(
  windows: Windows,
  context: BrowserContext,
  server: { origin: string },
  prepare: (page: Page) => Promise<unknown> = async () => undefined,
): Promise<ScriptedCompanion> {
  const page = await windows.page(context)
  let socket: WebSocketRoute | undefined
  const sent: Frame[] = []
  let dialled = 0
  await page.routeWebSocket(/\/v1\/socket/, (route) => {
    socket = route
    dialled++
    route.onMessage((text) => {
      if (typeof text === 'string' && text.startsWith('{')) sent.push(JSON.parse(text) as Frame)
    })
  })
  await page.route('**/scripted/*.svg', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: picture(route.request().url()) }),
  )
  await prepare(page)
  await page.goto(`${server.origin}/`)
  const current = (): Promise<WebSocketRoute> => eventually('a socket', () => socket)
  return {
    page,
    sent,
    dialled: () => dialled,
    async say(...frames) {
      const open = await current()
      for (const frame of frames) open.send(JSON.stringify(frame))
    },
    async close(code) {
      const open = await current()
      socket = undefined
      await open.close({ code })
    },
  }
}

/** As the service draws it: a unit of the drawing is a module, and the quiet zone is in it. */
function picture(url: string): string {
  const code = new QRCode({ content: url, padding: 4, ecl: 'M' })
  const size = code.qrcode.modules.length + 8
  const dark = code.qrcode.modules.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x + 4} ${y + 4}h1v1h-1z`] : [])),
  )
  const drawing = `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${dark.join('')}"/>`
  const attributes = `width="${size}" height="${size}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${drawing}</svg>`
}
