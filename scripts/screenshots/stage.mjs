// What the states are made with: people, pages that are signed in or linked, and a network that says what it is told.
import { randomBytes, randomInt } from 'node:crypto'
import { approve, scan, signIn } from '../../test/support/outside/people.ts'

/** The pictures of one state, by the order of the contact sheet. */
export const VARIANTS = ['light', 'dark'].flatMap((theme) => [
  { theme, width: 360, height: 740 },
  { theme, width: 1280, height: 800 },
])

const PATIENCE_MS = 10_000
/** A picture that is not there by then is not there for people either. */
const PICTURES_MS = 1_500
const COMPUTER = { viewport: { width: 1280, height: 800 }, locale: 'en-GB', colorScheme: 'light' }
const PHONE = { viewport: { width: 360, height: 740 }, locale: 'en-GB', colorScheme: 'light' }
/** Where the phone's page keeps its session. */
const SESSION = 'tandem.phone.session'

/** How the sockets of a page are cut off. */
const cuts = new WeakMap()

/** One state's own stage: nothing on it is shared with another. `close` ends all that was opened. */
export function createStage(browser, server) {
  const contexts = []
  const pages = []

  async function page(options = {}) {
    const { frames, rewrite, before, camera, ...context } = options
    const profile = await browser.newContext({ ...COMPUTER, ...context })
    contexts.push(profile)
    profile.setDefaultTimeout(PATIENCE_MS)
    if (camera) await profile.grantPermissions(['camera'], { origin: server.origin })
    const opened = await profile.newPage()
    pages.push(opened)
    if (frames) await script(opened, frames)
    if (rewrite) await rewriteFrames(opened, rewrite)
    await before?.(opened)
    return opened
  }

  return {
    origin: server.origin,
    /** Brings back what a change of the window has closed; a state may put it here. */
    resized: null,
    page,

    /** The companion's page. `frames` speaks for the service, `rewrite` changes what it says, `before` comes before the page. */
    async computer(options) {
      const opened = await page(options)
      await opened.goto(`${server.origin}/`)
      return opened
    },

    /** The companion's page with the chats of somebody new. */
    async linked(options) {
      const opened = await page(options)
      const shown = firstCode(opened)
      await opened.goto(`${server.origin}/`)
      const { token } = await shown
      const person = await signIn(server, nobodysNumber())
      await scan(person, token)
      const linked = await approve(person, token)
      if (linked.status !== 200) throw new Error(`not linked: ${linked.status}`)
      await opened.locator('.chats-side').waitFor()
      return opened
    },

    /** The phone's page, signed in as somebody new. `routes`: answers of the service by the end of their path. */
    async phone({ path = '/phone', routes = {}, ...options } = {}) {
      const person = await signIn(server, nobodysNumber())
      const opened = await page({ ...PHONE, ...options })
      const { accessToken, refreshToken, account, expiresAt } = person
      await opened.addInitScript(
        ([key, session]) => localStorage.setItem(key, session),
        [SESSION, JSON.stringify({ accessToken, refreshToken, account, renewAt: expiresAt - 60_000 })],
      )
      await answer(opened, routes)
      await opened.goto(server.origin + path)
      return opened
    },

    /** The phone's page, signed out. */
    async stranger({ path = '/phone', routes = {}, ...options } = {}) {
      const opened = await page({ ...PHONE, ...options })
      await answer(opened, routes)
      await opened.goto(server.origin + path)
      return opened
    },

    /** Ends the sockets of a page that was opened with `rewrite`, and every one that it opens from now on. */
    cut: (opened) => cuts.get(opened)?.(),

    /** Until what moves has come to rest and pictures are drawn. */
    async settle(opened) {
      await opened.waitForFunction(arePicturesDrawn, null, { timeout: PICTURES_MS }).catch(() => undefined)
      for (const frame of opened.frames()) {
        await frame.waitForFunction(isScrollOver, null, { timeout: PICTURES_MS }).catch(() => undefined)
      }
      await opened.waitForTimeout(120)
    },

    /** What is seen where a state was not reached. */
    async shot(path) {
      await pages.at(-1)?.screenshot({ path, timeout: 2_000 })
    },

    close: () => Promise.all(contexts.map((context) => context.close())),
  }
}

/** A code's token as the service makes them; nobody stands behind it. */
export function randomToken() {
  return randomBytes(48).toString('base64url')
}

/** These pictures are published: no area has the code 555, so nobody has the number. */
export function nobodysNumber() {
  return `+1555${randomInt(2_000_000, 10_000_000)}`
}

/** The frame that shows a code. */
export function qr(more = {}) {
  const token = randomToken()
  const now = Date.now()
  return {
    type: 'qr',
    token,
    url: `https://tandem.example/link#${token}`,
    image: `/v1/code/${token}`,
    device: token.slice(0, 43),
    issuedAt: now,
    expiresAt: now + 20_000,
    rotation: 1,
    rotations: 6,
    ...more,
  }
}

/** The first code that the service sends to a page: its frame. */
function firstCode(page) {
  return new Promise((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const frame = String(payload).startsWith('{') ? JSON.parse(String(payload)) : {}
        if (frame.type === 'qr') resolve(frame)
      }),
    )
  })
}

/** `frames` in the service's place, on each socket: a list of them, a close code at its end closes it. */
async function script(page, frames) {
  let opened = 0
  await page.routeWebSocket(/\/v1\/(?:account\/)?socket/, (socket) => {
    const list = typeof frames === 'function' ? frames(opened++) : frames
    socket.onMessage((text) => text === 'ping' && socket.send('pong'))
    for (const frame of list) {
      if (typeof frame === 'number') socket.close({ code: frame })
      else socket.send(JSON.stringify(frame))
    }
  })
}

/**
 * Between the page and the real service. `rewrite.in` changes a frame of the service, `rewrite.after` says what follows
 * it, `rewrite.out` answers a frame of the page in the service's place; null lets it through.
 */
async function rewriteFrames(page, rewrite) {
  const open = new Set()
  let whole = true
  cuts.set(page, async () => {
    whole = false
    await Promise.all([...open].map((socket) => socket.close({ code: 1012 })))
  })
  await page.routeWebSocket(/\/v1\/(?:account\/)?socket/, (socket) => {
    if (!whole) return socket.close({ code: 1012 })
    open.add(socket)
    const service = socket.connectToServer()
    service.onMessage((text) => {
      socket.send(change(text, rewrite.in))
      const more = rewrite.after && text.startsWith('{') ? rewrite.after(JSON.parse(text)) : null
      if (more) socket.send(JSON.stringify(more))
    })
    socket.onMessage((text) => {
      const frame = rewrite.out && text.startsWith('{') ? rewrite.out(JSON.parse(text)) : null
      if (frame) socket.send(JSON.stringify(frame))
      else service.send(text)
    })
  })
}

function change(text, by) {
  if (!by || !text.startsWith('{')) return text
  const frame = JSON.parse(text)
  return JSON.stringify(by(frame) ?? frame)
}

/** `routes` by the end of the path: a status, or a body, or what is to be done with the route. */
async function answer(page, routes) {
  for (const [path, answered] of Object.entries(routes)) {
    await page.route(`**/v1/${path}`, (route) => {
      if (typeof answered === 'function') return answered(route)
      if (typeof answered === 'number') return route.fulfill({ status: answered })
      return route.fulfill({ status: answered.status ?? 200, json: answered })
    })
  }
}

/** A problem of RFC 9457, as the service answers it. */
export function problem(status, code, more = {}) {
  return (route) =>
    route.fulfill({
      status,
      headers: { 'content-type': 'application/problem+json', ...more.headers },
      body: JSON.stringify({ type: `urn:tandem:error:${code}`, title: code, status, code, ...more.body }),
    })
}

/** In the page: whether the day that passes by while one scrolls, which is no part of a state, has gone. */
function isScrollOver() {
  return document.querySelector('.day-now.shown') === null
}

/** In the page: whether all pictures that are in sight are there. */
function arePicturesDrawn() {
  return [...document.images].every((image) => {
    const { top, bottom, width } = image.getBoundingClientRect()
    return image.complete || width === 0 || bottom < 0 || top > innerHeight
  })
}
