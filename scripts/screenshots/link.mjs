// The link screen, up to the chats. Mostly the service's frames are scripted: the page cannot tell.
import { openSettings } from './places.mjs'
import { qr } from './stage.mjs'

const ACCOUNT = { id: 'A'.repeat(43), name: 'Mara Lindqvist' }
const DEVICE = { id: 'B'.repeat(43), name: 'Chrome on Linux', linkedAt: Date.now() }
const LINKED = { type: 'linked', device: DEVICE, account: ACCOUNT }
export const SPELLED = { type: 'spelled', code: 'K7PQ-2MWX', issuedAt: 0, expiresAt: 300_000 }
const UNSPELLED = { type: 'error', code: 'rate_limited', message: '' }
const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36'

const hold = (match, ms = 120_000) => ({
  type: 'scanned',
  issuedAt: Date.now(),
  expiresAt: Date.now() + ms,
  match,
})

/** Frames of the service, and words that say that the state is there. */
function scripted(frames, words) {
  return async (stage) => {
    const page = await stage.computer({ frames })
    await page.getByText(words).first().waitFor()
    return page
  }
}

/** Before the page's own scripts: a browser that lacks something. */
function lacking(script, words, options = {}) {
  return async (stage) => {
    const page = await stage.computer({ frames: [qr()], before: (opened) => opened.addInitScript(script), ...options })
    await page.getByText(words).first().waitFor()
    return page
  }
}

/** A phone that asks for the number. */
export const HOLD = hold('47')

export const link = {
  connecting: scripted([], 'Getting a code'),
  ready: async (stage) => {
    const page = await stage.computer()
    await page.getByRole('img', { name: /^Code/ }).waitFor()
    return page
  },
  focus: async (stage) => {
    const page = await link.ready(stage)
    await page.getByRole('checkbox').focus()
    await page.keyboard.press('Tab')
    return page
  },
  enlarged: async (stage) => {
    const page = await link.ready(stage)
    await page.getByRole('button', { name: 'Make the code larger' }).click()
    await page.getByRole('button', { name: 'Make the code smaller' }).waitFor()
    return page
  },
  ending: async (stage) => {
    const page = await stage.computer({ frames: [qr()], before: (opened) => opened.clock.install() })
    await page.getByText('A new code appears').waitFor()
    await page.clock.fastForward(15_500)
    await page.locator('.ring').waitFor()
    return page
  },
  settings: async (stage) => openSettings(await link.ready(stage)),
  typed: scripted([qr(), SPELLED], 'Enter this code on your phone'),
  'typed-ending': async (stage) => {
    const page = await stage.computer({ frames: [qr(), SPELLED], before: (opened) => opened.clock.install() })
    await page.getByText('Good for').first().waitFor()
    await page.clock.fastForward(250_000)
    await page.getByText('Good for 1 minute').first().waitFor()
    return page
  },
  unspelled: async (stage) => {
    const page = await stage.computer({ rewrite: { out: unspelled } })
    await page.getByRole('button', { name: 'Can’t scan?' }).click()
    await page.getByText('No code to type right now').first().waitFor()
    return page
  },
  last: scripted([qr({ rotation: 6 })], 'This page will rest soon'),
  idle: scripted([qr(), { type: 'idle' }], 'Still there?'),
  scanned: scripted([qr(), hold(null)], 'Check your phone'),
  match: scripted([qr(), hold('47')], 'Type this number on your phone'),
  declined: scripted([qr(), hold(null), { type: 'declined' }, qr()], 'Declined on the phone'),
  timeout: scripted([qr(), hold(null, 1_000), qr()], 'That took too long'),
  burned: scripted([qr(), hold('47'), qr()], 'That didn’t work'),
  linked: scripted([qr(), LINKED], 'Linked to'),
  'linked-slow': async (stage) => {
    const page = await stage.computer({ frames: [qr(), LINKED], before: (opened) => opened.clock.install() })
    await page.getByText('Linked to').first().waitFor()
    await page.clock.fastForward(11_000)
    await page.getByText('Still loading').first().waitFor()
    return page
  },
  offline: async (stage) => {
    const page = await link.connecting(stage)
    await page.context().setOffline(true)
    await page.getByText('You’re offline').first().waitFor()
    return page
  },
  // A wait is random within a window: at its end, so that there is time for a picture.
  reconnecting: lacking(() => (Math.random = () => 0.99), 'Connection lost', { frames: [1011] }),
  server: lacking(
    () => (Math.random = () => (document.body.innerText.includes('our side') ? 0.99 : 0.01)),
    'Something went wrong on our side',
    { frames: [1011] },
  ),
  limited: scripted(
    [{ type: 'error', code: 'rate_limited', message: '', retryAfter: 42 }, 4429],
    'Too many tries from this network',
  ),
  origin: scripted([4403], 'This website isn’t allowed to link yet'),
  fault: scripted([4400], 'Reload the page to go on'),
  insecure: lacking(() => Object.defineProperty(window, 'isSecureContext', { value: false }), 'This page needs https'),
  storage: lacking(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('', 'SecurityError')
    }
  }, 'This browser is blocking storage'),
  unsupported: lacking(() => delete Array.prototype.toSpliced, 'This browser is too old'),
  setup: async (stage) => {
    const page = await stage.computer({
      frames: [qr()],
      before: (opened) =>
        opened.route('**/v1/health', (route) => route.fulfill({ json: { ok: true, setup: ['identity'] } })),
    })
    await page.getByText('Almost there').first().waitFor()
    return page
  },
  'setup-page': async (stage) => {
    const page = await stage.page()
    await page.goto(`${stage.origin}/setup`)
    return page
  },
  'on-phone': lacking(() => undefined, 'You’re on your phone', { userAgent: ANDROID, isMobile: true, hasTouch: true }),
  elsewhere: scripted([qr(), LINKED, 4409], 'Tandem is open in another window'),
  'unlinked-phone': scripted([qr(), LINKED, { type: 'unlinked', reason: 'phone' }], 'This browser was unlinked'),
  'unlinked-companion': scripted([qr(), LINKED, { type: 'unlinked', reason: 'companion' }], 'You signed out'),
  'unlinked-idle': scripted([qr(), LINKED, { type: 'unlinked', reason: 'idle' }], 'Unlinked after'),
  'unlinked-account': scripted([qr(), LINKED, { type: 'unlinked', reason: 'account' }], 'This account was deleted'),
}

function unspelled({ type }) {
  return type === 'spell' ? UNSPELLED : null
}
