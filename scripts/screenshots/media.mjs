// What is not words: photos, films, sounds and files in a chat, and a photo looked at over the whole window.
import { conversation, file, film, photo, silence, sound } from './conversation.mjs'
import { open } from './places.mjs'

const MARA = 'Mara Lindqvist'
const LONG_NAME = 'Minutes of the general meeting with all appendices (signed, third version).final.pdf'
const PHOTOS = [
  { minutes: 60, media: photo('lake'), text: 'It looked like this on Friday' },
  { minutes: 59, media: photo('coast') },
  { minutes: 20, mine: true, media: photo('night', 480, 1200), text: 'And here, at two in the morning' },
  { minutes: 10, mine: true, media: photo('dunes', 1600, 500) },
]
const SOUNDS = [
  { minutes: 60, media: sound(14) },
  { minutes: 50, mine: true, media: sound(63) },
  { minutes: 40, media: sound(194, 'Harbour bells at noon.wav') },
  { minutes: 30, mine: true, media: sound(31, LONG_NAME.replace('pdf', 'wav')), text: 'The recording' },
]
const FILES = [
  { minutes: 60, media: file('Timetable.pdf', 48_000) },
  { minutes: 50, mine: true, media: file(LONG_NAME, 9_400_000), text: 'Read page 4 first' },
  { minutes: 40, media: film('coast') },
  { minutes: 20, mine: true, media: film('city'), text: 'From the ninth floor' },
]
const ANSWERS = [
  { minutes: 60, media: photo('lake') },
  { minutes: 50, mine: true, text: 'Save me a place on the jetty', reply: 0 },
  { minutes: 45, media: sound(14) },
  { minutes: 40, mine: true, text: 'I could not hear it over the wind', reply: 2 },
  { minutes: 30, media: file(LONG_NAME, 48_000) },
  { minutes: 20, mine: true, text: 'Thanks', reply: 4 },
  { minutes: 10, text: 'You are welcome', reply: 5 },
]

function withSound(page) {
  return page.route('**/v1/media/tone.wav', silence(14))
}

function holding(written, more = {}) {
  return async (stage) => {
    const page = await stage.linked({ rewrite: conversation(MARA, written), before: withSound, ...more })
    await open(page, MARA)
    await page.locator('.message').first().waitFor()
    return page
  }
}

async function viewing(stage, which) {
  const page = await holding(PHOTOS)(stage)
  await page.getByRole('button', { name: 'Open the photo' }).nth(which).click()
  await page.getByRole('dialog', { name: /Photo from/ }).waitFor()
  return page
}

export const media = {
  photos: holding(PHOTOS),
  sounds: holding(SOUNDS),
  playing: async (stage) => {
    const page = await holding(SOUNDS.slice(0, 2))(stage)
    await page.getByRole('button', { name: 'Play' }).first().click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByRole('slider').first().fill('6')
    return page
  },
  files: holding(FILES),
  answers: holding(ANSWERS),
  failed: async (stage) => {
    const broken = { ...photo('lake'), url: '/v1/media/gone', thumb: '/v1/media/gone-thumb' }
    const page = await holding([{ minutes: 4, media: broken, text: 'It looked like this on Friday' }])(stage)
    await page.getByText('Couldn’t load this').waitFor()
    return page
  },
  viewer: (stage) => viewing(stage, 0),
  'viewer-tall': (stage) => viewing(stage, 2),
  'viewer-zoomed': async (stage) => {
    const page = await viewing(stage, 1)
    for (const key of ['+', '+', '+']) await page.keyboard.press(key)
    return page
  },
}
