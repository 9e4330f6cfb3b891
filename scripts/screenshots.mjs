// `npm run screenshots`: every screen and state of the pages, in both themes, at 360 and 1280 pixels, driven in real
// Chromium against the built Worker. Writes docs/screenshots/*.png, contact sheets of them (sheets/) and, small, those
// that README.md shows (readme/).
// Arguments choose what is made: `link`, `phone/confirm`, `chats/thread`. A state that cannot be reached is named.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { buildWorker } from '../test/support/outside/build.ts'
import { createCamera, findTool, launchChromium } from '../test/support/outside/chromium.ts'
import { startServer } from '../test/support/outside/server.ts'
import { whatTheCameraSees } from './screenshots/camera.mjs'
import { chats } from './screenshots/chats.mjs'
import { confirm } from './screenshots/confirm.mjs'
import { link } from './screenshots/link.mjs'
import { media } from './screenshots/media.mjs'
import { mirrored } from './screenshots/mirrored.mjs'
import { phone } from './screenshots/phone.mjs'
import { writeReadmePictures } from './screenshots/readme.mjs'
import { writeSheets } from './screenshots/sheet.mjs'
import { createStage, VARIANTS } from './screenshots/stage.mjs'
import { thread } from './screenshots/thread.mjs'
import { tried } from './screenshots/try.mjs'
import { writing } from './screenshots/writing.mjs'

const OUT = resolve(import.meta.dirname, '../docs/screenshots')
/** So many states at a time: much of a state is waiting. */
const HANDS = 3
/** What one state may take, its pictures included. */
const STATE_MS = 30_000

/** Each screen with its states: a name, and what brings a page there. */
const SCREENS = { link, chats, thread, writing, media, mirrored, phone, confirm, try: tried }

const wanted = process.argv.slice(2)
const states = Object.entries(SCREENS)
  .flatMap(([screen, entries]) => Object.entries(entries).map(([state, reach]) => ({ screen, state, reach })))
  .filter(
    ({ screen, state }) => wanted.length === 0 || wanted.includes(screen) || wanted.includes(`${screen}/${state}`),
  )

const startedAt = Date.now()
await mkdir(OUT, { recursive: true })
if (wanted.length === 0) await removeOld()
const built = await buildWorker()
const server = await startServer({ built, vars: { DEMO: 'on' } })
// Without ffmpeg the camera shows Chromium's own test pattern.
const camera = findTool('ffmpeg') === undefined ? null : await createCamera()
await camera?.show(await whatTheCameraSees(server.origin))
const browser = await launchChromium(camera ?? 'ask')
const failures = []
try {
  const waiting = states.values()
  await Promise.all(Array.from({ length: HANDS }, () => work(waiting)))
} finally {
  await browser.close()
  await server.stop()
  await camera?.remove()
  await rm(built.directory, { recursive: true, force: true })
}
const reached = states.filter((state) => !failures.includes(state))
await writeReadmePictures(OUT, reached)
await writeSheets(OUT, reached, wanted.length === 0 ? '' : 'part-')
for (const { screen, state, error } of failures) console.error(`not reached: ${screen}/${state}\n  ${error}`)
const seconds = Math.round((Date.now() - startedAt) / 1000)
console.log(`${states.length - failures.length} of ${states.length} states in ${seconds} s, in docs/screenshots`)
if (failures.length > 0) process.exitCode = 1

/** All but what is in git. */
async function removeOld() {
  const old = (await readdir(OUT)).filter((name) => name !== 'readme')
  await Promise.all(old.map((name) => rm(join(OUT, name), { recursive: true, force: true })))
}

async function work(waiting) {
  for (const each of waiting) {
    const stage = createStage(browser, server)
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('took too long')), STATE_MS).unref())
    try {
      await Promise.race([picture(each, stage), late])
    } catch (error) {
      each.error = String(error.message ?? error).split('\n')[0]
      await stage.shot(join(OUT, `${each.screen}-${each.state}-failed.png`)).catch(() => undefined)
      failures.push(each)
    }
    await stage.close()
  }
}

/** The page is brought there once; theme and width are then changed under it, as a person might. */
async function picture({ screen, state, reach }, stage) {
  const page = await reach(stage)
  for (const { theme, width, height } of VARIANTS) {
    await page.emulateMedia({ colorScheme: theme })
    await page.setViewportSize({ width, height })
    await stage.resized?.()
    // A pointer that clicked is not where it was, and what has the focus is looked at.
    await page.mouse.move(0, 0)
    await page.evaluate(() => {
      const { activeElement } = document
      if (activeElement?.matches(':focus-visible')) activeElement.scrollIntoView({ block: 'nearest' })
    })
    await stage.settle(page)
    await page.screenshot({ path: join(OUT, `${screen}-${state}-${theme}-${width}.png`), animations: 'disabled' })
  }
}
