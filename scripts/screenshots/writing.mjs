// Writing in a chat: an answer, emoji, a voice message, files before they go, and what the composer has to say.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { conversation } from './conversation.mjs'
import { field, open, openMenu } from './places.mjs'

const MARA = 'Mara Lindqvist'
const TALK = [
  { minutes: 95, text: 'The train at 8:40 is cheaper than the one at 9:10' },
  { minutes: 94, text: 'Shall I book two seats?' },
  { minutes: 52, mine: true, text: 'Yes please, by the window if there is one' },
]
const PICTURES = ['lake', 'coast', 'city', 'night'].map((name) =>
  resolve(import.meta.dirname, `../../public/demo/${name}.webp`),
)

/** Only its beginning. */
const BROKEN_FILM = Buffer.from('\0\0\0\x10ftypisom\0\0\0\0')

function textFile(name, size = 48_000) {
  return { name, mimeType: 'application/pdf', buffer: Buffer.alloc(size, 1) }
}

function photoFile() {
  return { name: 'lake.webp', mimeType: 'image/webp', buffer: readFileSync(PICTURES[0]) }
}

async function begin(stage, options = {}) {
  return open(await stage.linked({ rewrite: conversation(MARA, TALK), ...options }), MARA)
}

function attached(files) {
  return async (stage) => {
    const page = await begin(stage)
    await page.locator('chat-composer input[type=file]').setInputFiles(files)
    await page.getByRole('dialog', { name: /^Send/ }).waitFor()
    return page
  }
}

async function emoji(stage, words) {
  const page = await begin(stage)
  await field(page).fill('See you at the lake ')
  await page.getByRole('button', { name: 'Emoji', exact: true }).click()
  const picker = page.getByRole('dialog', { name: 'Emoji' })
  await picker.getByRole('button', { name: 'grinning face', exact: true }).waitFor()
  if (words !== undefined) await picker.getByRole('searchbox').fill(words)
  return page
}

export const writing = {
  draft: async (stage) => {
    const page = await begin(stage)
    await field(page).fill(
      'Two seats by the window it is.\nI will wait at the front of the platform, next to the clock.',
    )
    return page
  },
  reply: async (stage) => {
    const page = await openMenu(await begin(stage), 'Shall I book')
    await page.getByRole('menuitem', { name: 'Reply' }).click()
    await page.getByRole('group', { name: /Reply to/ }).waitFor()
    await field(page).fill('Three, my sister is coming along')
    return page
  },
  emoji: (stage) => emoji(stage),
  'emoji-search': async (stage) => {
    const page = await emoji(stage, 'boat')
    await page.getByRole('group', { name: 'Found' }).waitFor()
    return page
  },
  'emoji-none': async (stage) => {
    const page = await emoji(stage, 'qqzz')
    await page.getByText('No emoji found').waitFor()
    return page
  },
  recording: async (stage) => {
    const page = await begin(stage, { permissions: ['microphone'] })
    await page.getByRole('button', { name: 'Record a voice message' }).click()
    await page.getByRole('timer').getByText('0:03').waitFor()
    return page
  },
  'recording-paused': async (stage) => {
    const page = await writing.recording(stage)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Go on recording' }).waitFor()
    return page
  },
  'no-microphone': async (stage) => {
    const page = await begin(stage, { before: (opened) => opened.addInitScript(refuseMicrophone) })
    await page.getByRole('button', { name: 'Record a voice message' }).click()
    await page.getByText('The microphone is switched off').waitFor()
    return page
  },
  photo: attached(PICTURES[0]),
  photos: attached(PICTURES),
  files: attached([
    textFile('Timetable.pdf'),
    textFile('Every connection between the lakes, summer edition, final.pdf', 900),
  ]),
  'too-big': async (stage) => {
    const page = await begin(stage)
    await page
      .locator('chat-composer input[type=file]')
      .setInputFiles(textFile('The whole harbour, all the photos.zip', 16 * 1024 * 1024 + 1))
    await page.getByText('is too big').waitFor()
    return page
  },
  'as-is': async (stage) => {
    const page = await attached({ ...textFile('The boat comes in.mp4'), mimeType: 'video/mp4', buffer: BROKEN_FILM })(
      stage,
    )
    await page.getByRole('dialog', { name: /^Send/ }).getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'That’s me, send' }).click()
    await page.getByRole('dialog', { name: /as it is/ }).waitFor()
    return page
  },
  uploading: async (stage) => {
    const page = await begin(stage)
    await page.route('**/v1/media/**', (route) => (route.request().method() === 'PUT' ? undefined : route.continue()))
    await page.locator('chat-composer input[type=file]').setInputFiles([photoFile(), textFile('Timetable.pdf')])
    await page.getByRole('dialog', { name: /^Send/ }).getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'That’s me, send' }).click()
    await page.getByRole('progressbar').first().waitFor()
    return page
  },
  nearly: async (stage) => {
    const page = await begin(stage)
    await field(page).fill('The whole story, from the beginning. '.repeat(430))
    await page.getByText('characters left').waitFor()
    return page
  },
}

function refuseMicrophone() {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))
}
