// The phone's page, but for the question about a browser (confirm.mjs).
import { problem } from './stage.mjs'

const DAY_MS = 86_400_000
const NUMBER = '+1 555 234 5678'

const device = (name, browser, os, more) => ({
  id: name.padEnd(43, 'x').slice(0, 43).replace(/\W/g, 'x'),
  name,
  browser,
  os,
  linkedAt: Date.now() - 12 * DAY_MS,
  lastSeenAt: Date.now() - 5 * 60_000,
  online: false,
  place: { city: 'Berlin', country: 'DE' },
  ...more,
})
const DEVICES = {
  devices: [
    device('Chrome on Linux', 'Chrome', 'Linux', { online: true }),
    device('Work', 'Edge', 'Windows', {}),
    device('The laptop in the kitchen that everybody uses on Sundays', 'Safari', 'macOS', {
      lastSeenAt: Date.now() - 3 * DAY_MS,
      place: {},
    }),
  ],
}

async function askCode(stage, number = NUMBER) {
  const page = await stage.stranger()
  await page.getByLabel('Country').waitFor()
  await page.getByLabel('Phone number').fill(number)
  await page.getByRole('button', { name: 'Continue' }).click()
  return page
}

/** The button of the first screen, and words that say that it led there. */
function through(button, words, options) {
  return async (stage) => {
    const page = await stage.phone(options)
    await page.getByRole('button', { name: button }).first().click()
    await page.getByText(words).first().waitFor()
    return page
  }
}

const camera = (name) => ({
  before: (opened) =>
    opened.addInitScript((error) => {
      MediaDevices.prototype.getUserMedia = async () => {
        throw new DOMException('', error)
      }
    }, name),
})

/** Of the list of devices, one that was tapped. */
async function deviceOpened(stage) {
  const page = await through('Linked devices', 'Work', { routes: { devices: DEVICES } })(stage)
  await page.getByRole('button', { name: /Work/ }).click()
  await page.getByRole('button', { name: 'Unlink', exact: true }).waitFor()
  return page
}

async function enterCode(stage) {
  const page = await through('Link a device', 'No camera found', camera('NotFoundError'))(stage)
  await page.getByRole('button', { name: 'Enter code' }).first().click()
  await page.getByRole('dialog').waitFor()
  return page
}

/** The first two people of the list are blocked. */
function blockFirst(frame) {
  if (frame.type !== 'snapshot') return frame
  const conversations = frame.conversations.map((chat, at) =>
    at < 2 ? { ...chat, peer: { ...chat.peer, blocked: true } } : chat,
  )
  return { ...frame, conversations }
}

export const phone = {
  'sign-in': async (stage) => {
    const page = await stage.stranger()
    await page.getByLabel('Country').waitFor()
    return page
  },
  'sign-in-invalid': async (stage) => {
    const page = await askCode(stage, '12')
    await page.getByText('Please check the number').waitFor()
    return page
  },
  'sign-in-code': async (stage) => {
    const page = await askCode(stage)
    await page.getByText('your code is').waitFor()
    return page
  },
  'sign-in-wrong-code': async (stage) => {
    const page = await askCode(stage, '+1 555 234 5679')
    const code = await page.getByText('your code is').locator('b').textContent()
    await page.getByLabel('Code').fill(code === '000000' ? '111111' : '000000')
    await page.getByText('That code isn’t right').waitFor()
    return page
  },
  'sign-in-limited': async (stage) => {
    const limited = problem(429, 'rate_limited', { headers: { 'retry-after': '252' } })
    const page = await stage.stranger({ routes: { 'phone/code': limited } })
    await page.getByLabel('Country').waitFor()
    await page.getByLabel('Phone number').fill(NUMBER)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Too many tries').waitFor()
    return page
  },
  'sign-in-offline': async (stage) => {
    const page = await stage.stranger()
    await page.getByLabel('Country').waitFor()
    await page.context().setOffline(true)
    await page.getByText('You’re offline').waitFor()
    return page
  },
  'sign-in-not-ready': async (stage) => {
    const page = await stage.stranger({ routes: { 'phone/code': problem(503, 'not_configured') } })
    await page.getByLabel('Country').waitFor()
    await page.getByLabel('Phone number').fill(NUMBER)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Signing in isn’t set up yet').waitFor()
    return page
  },
  home: async (stage) => {
    const page = await stage.phone()
    await page.getByText('Robin').first().waitFor()
    return page
  },
  'home-empty': async (stage) => {
    const page = await stage.phone({
      rewrite: { in: (frame) => (frame.type === 'snapshot' ? { ...frame, conversations: [] } : frame) },
    })
    await page.getByText('No chats yet').waitFor()
    return page
  },
  'home-connecting': async (stage) => {
    const page = await stage.phone({ frames: [1011] })
    await page.getByText('Connecting…').first().waitFor()
    return page
  },
  chat: async (stage) => {
    const page = await stage.phone()
    await page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: 'Mara Lindqvist' }).click()
    await page.getByRole('textbox', { name: 'Write a message' }).waitFor()
    return page
  },
  'chat-menu': async (stage) => {
    const page = await stage.phone()
    await page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: 'Mara Lindqvist' }).click()
    stage.resized = async () => {
      if ((await page.getByRole('menu').count()) > 0) await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Chat: more' }).click()
      await page.getByRole('menu').waitFor()
    }
    return page
  },
  'chat-block': async (stage) => {
    const page = await stage.phone()
    await page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: 'Mara Lindqvist' }).click()
    await page.getByRole('button', { name: 'Chat: more' }).click()
    await page.getByRole('menuitem', { name: 'Block' }).click()
    await page.getByRole('dialog').waitFor()
    return page
  },
  'chat-blocked': async (stage) => {
    const page = await stage.phone({ rewrite: { in: blockFirst } })
    await page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: 'Mara Lindqvist' }).click()
    await page.getByText('You blocked this person').waitFor()
    return page
  },
  scan: async (stage) => {
    const page = await stage.phone({ camera: true })
    await page.getByRole('button', { name: 'Link a device' }).click()
    await page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0)
    return page
  },
  'scan-denied': through('Link a device', 'Camera is switched off', camera('NotAllowedError')),
  'scan-none': through('Link a device', 'No camera found', camera('NotFoundError')),
  'scan-busy': through('Link a device', 'Another app is using the camera', camera('NotReadableError')),
  'enter-code': enterCode,
  'enter-code-foreign': async (stage) => {
    const page = await enterCode(stage)
    await page.getByRole('dialog').getByRole('textbox').fill('https://elsewhere.example/link')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('That isn’t a Tandem code').first().waitFor()
    return page
  },
  devices: through('Linked devices', 'Work', { routes: { devices: DEVICES } }),
  'devices-open': deviceOpened,
  'devices-renamed': async (stage) => {
    const page = await deviceOpened(stage)
    await page.getByLabel('Name').fill('Desk')
    await page.getByRole('button', { name: 'Rename' }).waitFor()
    return page
  },
  'devices-armed': async (stage) => {
    // It goes back to rest after some seconds: they do not pass.
    const page = await deviceOpened(stage)
    await page.getByRole('button', { name: 'Unlink', exact: true }).click()
    await page.getByRole('button', { name: 'Tap again' }).waitFor()
    return page
  },
  'devices-armed-long': async (stage) => {
    const page = await through('Linked devices', 'Work', { routes: { devices: DEVICES } })(stage)
    await page.getByRole('button', { name: /^The laptop/ }).click()
    await page.getByRole('button', { name: 'Unlink', exact: true }).click()
    await page.getByRole('button', { name: 'Tap again' }).waitFor()
    return page
  },
  'devices-unlink-all': async (stage) => {
    const page = await through('Linked devices', 'Work', { routes: { devices: DEVICES } })(stage)
    await page.getByRole('button', { name: 'Unlink all' }).click()
    await page.getByRole('dialog').waitFor()
    return page
  },
  'devices-empty': through('Linked devices', 'No linked devices'),
  'devices-failed': through('Linked devices', 'Something went wrong', {
    routes: { devices: problem(500, 'internal') },
  }),
  profile: through('Profile', 'Your name'),
  'profile-settings': async (stage) => {
    const page = await through('Profile', 'Your name')(stage)
    const settings = page.getByRole('heading', { name: 'Settings' })
    stage.resized = () => settings.evaluate((heading) => heading.scrollIntoView({ block: 'start' }))
    return page
  },
  'profile-changed': async (stage) => {
    const page = await through('Profile', 'Your name')(stage)
    await page.getByLabel('Your name').fill('Ada')
    await page.getByRole('button', { name: 'Save' }).waitFor()
    return page
  },
  'profile-blocked': async (stage) => {
    const page = await stage.phone({ rewrite: { in: blockFirst } })
    await page.getByText('Robin').first().waitFor()
    await page.getByRole('button', { name: 'Profile' }).click()
    const blocked = page.getByRole('heading', { name: 'Blocked' })
    await blocked.waitFor()
    stage.resized = () => blocked.evaluate((heading) => heading.scrollIntoView({ block: 'center' }))
    return page
  },
  export: async (stage) => {
    const page = await through('Profile', 'Your name', { routes: { 'account/export': () => undefined } })(stage)
    await page.getByRole('button', { name: 'Export my data' }).click()
    await page.getByText('Preparing your file').waitFor()
    return page
  },
  delete: async (stage) => {
    const page = await through('Profile', 'Your name')(stage)
    await page.getByRole('button', { name: 'Delete account' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('DELETE')
    return page
  },
  // In Arabic, found by what they are made of: the words are those of the language.
  'devices-mirrored': async (stage) => {
    const page = await stage.phone({ locale: 'ar', routes: { devices: DEVICES } })
    await page.locator('.home-actions button').last().click()
    await page.locator('button.device').nth(1).click()
    await page.locator('.device-actions .danger-text').click()
    return page
  },
  'profile-mirrored': async (stage) => {
    const page = await stage.phone({ locale: 'ar' })
    await page.locator('.profile-button').click()
    await page.locator('.own-number').waitFor()
    return page
  },
  'new-device': async (stage) => {
    const event = {
      kind: 'device',
      linked: true,
      device: { id: 'C'.repeat(43), name: 'Firefox on Windows', linkedAt: Date.now() },
    }
    const page = await stage.phone({
      rewrite: {
        after: (frame) => (frame.type === 'snapshot' ? { type: 'event', cursor: frame.cursor + 1, event } : null),
      },
      routes: {
        devices: {
          devices: [
            {
              ...device('Firefox on Windows', 'Firefox', 'Windows', {}),
              online: true,
              linkedAt: Date.now(),
              id: event.device.id,
            },
          ],
        },
      },
    })
    await page.getByText('New device linked').first().waitFor()
    return page
  },
  'new-device-list': async (stage) => {
    const page = await phone['new-device'](stage)
    await page.getByRole('button', { name: 'Linked devices' }).click()
    await page.getByRole('button', { name: 'Unlink all' }).waitFor()
    return page
  },
}
