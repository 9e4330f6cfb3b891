// Pages that run from right to left, in Arabic. The states are found by what they are made of, because their words are
// those of the language.
import { conversation, photo, sound } from './conversation.mjs'
import { HOLD, SPELLED } from './link.mjs'
import { withMedia } from './media.mjs'
import { qr } from './stage.mjs'

const ARABIC = { locale: 'ar' }
const WRITTEN = [
  { minutes: 60, text: 'هل ما زلنا على موعدنا عند البحيرة؟' },
  { minutes: 59, text: 'I can be there by nine.' },
  { minutes: 58, text: 'If the early train is full again I take the one at ten and walk up from the lower station.' },
  { minutes: 50, mine: true, text: 'نعم، سأحضر الخيمة الصغيرة', reply: 0 },
  { minutes: 40, media: sound(14) },
  { minutes: 30, media: photo('lake') },
  { minutes: 20, mine: true, text: 'Yes' },
]

async function list(stage) {
  return stage.linked({ ...ARABIC, rewrite: conversation('Mara Lindqvist', WRITTEN), before: withMedia })
}

async function reading(stage) {
  const page = await list(stage)
  await page.locator('.chat-row', { hasText: 'Mara Lindqvist' }).click()
  await page.locator('.message').first().waitFor()
  return page
}

/** Frames of the service, and what the state is made of. */
function scripted(frames, selector) {
  return async (stage) => {
    const page = await stage.computer({ ...ARABIC, frames })
    await page.locator(selector).waitFor()
    return page
  }
}

export const mirrored = {
  link: async (stage) => {
    const page = await stage.computer(ARABIC)
    await page.locator('.code-box img').waitFor()
    return page
  },
  typed: scripted([qr(), SPELLED], '.typed-code'),
  match: scripted([qr(), HOLD], '.digits'),
  unlinked: scripted([qr(), { type: 'unlinked', reason: 'phone' }], '.notice'),
  chats: list,
  thread: reading,
  settings: async (stage) => {
    const page = await list(stage)
    await page.locator('settings-button button').first().click()
    await page.locator('settings-list').waitFor()
    return page
  },
  menu: async (stage) => {
    const page = await reading(stage)
    const message = page.locator('.message.theirs').first()
    stage.resized = async () => {
      if ((await page.locator('.menu').count()) > 0) await page.keyboard.press('Escape')
      await page.locator('.menu').waitFor({ state: 'detached' })
      await message.hover()
      await message.locator('.message-menu').click()
      await page.locator('.menu').waitFor()
    }
    return page
  },
  viewer: async (stage) => {
    const page = await reading(stage)
    await page.locator('.media-link').first().click()
    await page.locator('.viewer').waitFor()
    return page
  },
  'sign-in': async (stage) => {
    const page = await stage.stranger(ARABIC)
    await page.locator('input[type=tel]').waitFor()
    return page
  },
  try: async (stage) => {
    const page = await stage.page(ARABIC)
    await page.goto(`${stage.origin}/try`)
    await page.locator('.try-action .button:enabled').waitFor()
    return page
  },
}
