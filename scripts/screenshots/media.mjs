// What is not words: photos, films, sounds and files in a chat, and a photo looked at over the whole window.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import sharp from 'sharp'
import { conversation, file, film, photo, sound, speech } from './conversation.mjs'
import { open } from './places.mjs'

const MARA = 'Mara Lindqvist'
const LONG_NAME = 'Minutes of the general meeting with all appendices (signed, third version).final.pdf'
const CAPTION =
  'It looked like this on Friday, before the wind came up and we had to row back along the shore with everything wet'
const PHOTOS = [
  { minutes: 60, media: photo('lake'), text: 'It looked like this on Friday' },
  { minutes: 59, media: photo('coast') },
  { minutes: 20, mine: true, media: cut('night', 480, 1200), text: 'And here, at two in the morning' },
  { minutes: 10, mine: true, media: cut('dunes', 1600, 500) },
]
/** Of every shape: what a bubble does with each. */
const SHAPES = [
  { minutes: 50, mine: true, media: cut('city', 300, 900), text: 'From below' },
  { minutes: 40, media: cut('dunes', 1600, 200), text: CAPTION },
  { minutes: 30, mine: true, media: cut('fruit', 48, 40), text: 'The icon' },
]
const SOUNDS = [
  { minutes: 60, media: sound(14) },
  { minutes: 50, mine: true, media: sound(63) },
  { minutes: 45, media: { ...sound(725), bytes: 2_900_000 } },
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

/** A photo of another shape than the demo's, cut out of one. */
function cut(name, width, height) {
  const url = `/v1/media/${name}-${width}-${height}.webp`
  return { ...photo(name, width, height), id: url, url, thumb: url }
}

export async function withMedia(page) {
  await page.route('**/v1/media/tone.wav', speech(14))
  await page.route(/\/v1\/media\/\w+-\d+-\d+\.webp$/, async (route) => {
    const [, name, width, height] = /(\w+)-(\d+)-(\d+)/.exec(route.request().url())
    const whole = readFileSync(resolve(import.meta.dirname, `../../public/demo/${name}.webp`))
    const body = await sharp(whole).resize(Number(width), Number(height)).webp().toBuffer()
    await route.fulfill({ contentType: 'image/webp', body })
  })
}

function holding(written, more = {}) {
  return async (stage) => {
    const page = await stage.linked({ rewrite: conversation(MARA, written), before: withMedia, ...more })
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
  shapes: holding(SHAPES),
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
    const page = await holding([
      { minutes: 5, media: { ...broken, ...film('coast'), url: broken.url, thumb: broken.thumb } },
      { minutes: 4, mine: true, media: { ...broken, id: 'wide', width: 1600, height: 200 }, text: CAPTION },
      { minutes: 3, media: broken, text: 'It looked like this on Friday' },
    ])(stage)
    await page.getByText('Couldn’t load this').last().waitFor()
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
