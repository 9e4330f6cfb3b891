// The phone's question about a browser and its outcomes. The service's answers are scripted; the page asks for real.
import { problem, randomToken } from './stage.mjs'

function question(more = {}, match = 'none') {
  const now = Date.now()
  const request = {
    browser: 'Chrome',
    os: 'Windows',
    ip: '203.0.113.9',
    place: { city: 'Berlin', country: 'DE' },
    network: 'same',
    requestedAt: now,
    issuedAt: now,
    expiresAt: now + 120_000,
    ...more,
  }
  return { request, match }
}

const FAR = { network: 'far', place: { city: 'São Paulo', country: 'BR' }, browser: 'Firefox', os: 'Linux' }

/** Opens the address of a code, as the system's camera does. */
async function opened(stage, routes) {
  return stage.phone({ path: `/link#${randomToken()}`, routes })
}

async function asked(stage, scan, routes = {}) {
  const page = await opened(stage, { 'link/scan': scan, ...routes })
  await page.getByRole('heading', { name: 'Link this browser?' }).waitFor()
  await page.locator('button:enabled', { hasText: 'Approve' }).waitFor()
  return page
}

/** The answer to a scan, and words that say that it is told. */
function refused(scan, words) {
  return async (stage) => {
    const page = await opened(stage, { 'link/scan': scan, devices: { devices: [] } })
    await page.getByText(words).first().waitFor()
    return page
  }
}

/** What is pressed, what the service answers to that, and words that say that it is told. */
function pressed(button, routes, words) {
  return async (stage) => {
    const page = await asked(stage, question(), routes)
    await page.getByRole('button', { name: button }).click()
    await page.getByText(words).first().waitFor()
    return page
  }
}

function wrongNumber(triesLeft, words) {
  return async (stage) => {
    const routes = { 'link/approve': problem(403, 'match_failed', { body: { triesLeft } }), devices: { devices: [] } }
    const page = await asked(stage, question(FAR, 'required'), routes)
    await page.getByLabel('Type the number').fill('12')
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText(words).first().waitFor()
    return page
  }
}

export const confirm = {
  reading: async (stage) => {
    const page = await opened(stage, { 'link/scan': () => undefined })
    await page.getByText('Reading the code').waitFor()
    return page
  },
  same: (stage) => asked(stage, question()),
  near: (stage) => asked(stage, question({ network: 'near' })),
  far: (stage) => asked(stage, question(FAR)),
  details: async (stage) => {
    const page = await asked(stage, question())
    await page.getByText('Details').click()
    return page
  },
  match: (stage) => asked(stage, question(FAR, 'required')),
  'match-empty': async (stage) => {
    const page = await asked(stage, question(FAR, 'required'))
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('First type the two digits').waitFor()
    return page
  },
  'match-typed': async (stage) => {
    const page = await asked(stage, question(FAR, 'required'))
    await page.getByLabel('Type the number').fill('47')
    return page
  },
  'match-wrong': wrongNumber(2, 'That isn’t the number'),
  burned: wrongNumber(0, 'Too many wrong numbers'),
  done: pressed(
    'Approve',
    { 'link/approve': { device: { id: 'D'.repeat(43), name: 'Chrome on Windows', linkedAt: Date.now() } } },
    'is now using your account',
  ),
  approving: pressed('Approve', { 'link/approve': () => undefined }, 'Linking'),
  again: pressed('Approve', { 'link/approve': (route) => route.abort('connectionreset') }, 'Trying again'),
  undone: async (stage) => {
    const device = { id: 'D'.repeat(43), name: 'Chrome on Windows', linkedAt: Date.now() }
    const routes = { 'link/approve': { device }, 'devices/*': 204 }
    const page = await pressed('Approve', routes, 'is now using your account')(stage)
    await page.getByRole('button', { name: 'That wasn’t me' }).click()
    await page.getByText('can no longer read').waitFor()
    return page
  },
  declined: pressed('Decline', { 'link/decline': 204 }, 'Declined'),
  gone: pressed(
    'Approve',
    { 'link/approve': problem(410, 'link_token_invalid'), devices: { devices: [] } },
    'The other screen was closed',
  ),
  changed: refused(problem(410, 'link_token_invalid'), 'This code has changed'),
  taken: refused(problem(409, 'link_token_taken'), 'Another phone is using this code'),
  'too-many': refused(problem(409, 'too_many_devices'), 'You’ve linked'),
  limited: refused(problem(429, 'rate_limited', { headers: { 'retry-after': '52' } }), 'Too many tries'),
  failed: refused(problem(500, 'internal'), 'Something went wrong'),
  offline: refused((route) => route.abort('internetdisconnected'), 'You’re offline'),
  mirrored: async (stage) => {
    const routes = { 'link/scan': question(FAR, 'required') }
    const page = await stage.phone({ locale: 'ar', path: `/link#${randomToken()}`, routes })
    await page.locator('form.confirm button[type="submit"]:enabled').waitFor()
    return page
  },
  'signed-out': async (stage) => {
    const page = await stage.stranger({ path: `/link#${randomToken()}` })
    await page.getByText('Sign in to go on with linking').waitFor()
    return page
  },
}
