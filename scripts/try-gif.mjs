// `npm run try:gif`: films /try in real Chromium, scan → approve → chats → a message both ways, as docs/try.gif.
// What is filmed is what happens; only pauses that are longer than a person needs are cut short.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { buildWorker } from '../test/support/outside/build.ts'
import { findTool, launchChromium } from '../test/support/outside/chromium.ts'
import { startServer } from '../test/support/outside/server.ts'

const OUT = resolve(import.meta.dirname, '../docs/try.gif')
const SIZE = { width: 1280, height: 800 }
const GIF_WIDTH = 960
const FRAMES_A_SECOND = 10
const MAX_BYTES = 3_000_000
/** Nothing on the screen changes for longer than this. */
const LONGEST_STILL_SECONDS = 1.1
const LAST_STILL_SECONDS = 2
/** A film that took longer, as on a busy machine, is played faster. */
const LONGEST_SECONDS = 18
const run = promisify(execFile)

if (findTool('ffmpeg') === undefined) {
  console.error('There is no ffmpeg: apt-get install ffmpeg, or brew install ffmpeg')
  process.exit(1)
}

const directory = await mkdtemp(join(tmpdir(), 'tandem-film-'))
const built = await buildWorker()
const server = await startServer({ built, vars: { DEMO: 'on' } })
const browser = await launchChromium()
try {
  const frames = await film(await browser.newContext({ viewport: SIZE, locale: 'en-GB', colorScheme: 'light' }))
  await develop(frames)
} finally {
  await browser.close()
  await server.stop()
  await Promise.all([directory, built.directory].map((path) => rm(path, { recursive: true, force: true })))
}
const { size } = await stat(OUT)
console.log(`docs/try.gif: ${Math.round(size / 1024)} KiB`)
if (size > MAX_BYTES) {
  console.error(`It may have ${MAX_BYTES} bytes`)
  process.exitCode = 1
}

/** @returns the frames: a file, and seconds */
async function film(context) {
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  await page.goto(`${server.origin}/try`)
  const [computer, phone] = ['#try-computer', '#try-phone'].map((id) => page.frameLocator(id))
  const scan = page.getByRole('button', { name: 'Scan the code with this phone' })
  await scan.and(page.locator(':enabled')).waitFor()
  await phone.getByRole('heading', { name: 'Sign in' }).waitFor()
  const pointer = await showPointer(page)
  const frames = await startFilm(page)

  await page.waitForTimeout(1_400)
  await pointer.press(scan)
  await phone.locator('button:enabled', { hasText: 'Approve' }).waitFor()
  await page.waitForTimeout(1_200)
  await pointer.press(phone.getByRole('button', { name: 'Approve' }))
  await phone.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
  await chat(computer, 'Robin').waitFor()
  await page.waitForTimeout(1_200)
  await pointer.press(phone.getByRole('button', { name: 'Done' }))
  await chat(phone, 'Robin').waitFor()
  await pointer.press(chat(computer, 'Robin'))
  await write(pointer, computer, 'Hello from the computer')
  await pointer.press(computer.getByRole('button', { name: 'That’s me, send' }))
  await computer.getByText('Got it, and the ticks').last().waitFor()
  await page.waitForTimeout(600)
  await pointer.press(chat(phone, 'Robin'))
  await write(pointer, phone, 'And from the phone')
  await computer.getByText('And from the phone').last().waitFor()
  await page.waitForTimeout(1_000)
  return frames()
}

function chat(side, name) {
  return side.getByRole('list', { name: 'Chats' }).getByRole('button', { name })
}

async function write(pointer, side, words) {
  const box = side.getByRole('textbox', { name: 'Write a message' })
  await pointer.press(box)
  await box.pressSequentially(words, { delay: 35 })
  await box.press('Enter')
}

/** A pointer that a film can show: Chromium draws none without a screen. */
async function showPointer(page) {
  await page.evaluate(() => {
    const dot = document.createElement('div')
    Object.assign(dot.style, {
      position: 'fixed',
      zIndex: '9',
      left: '660px',
      top: '560px',
      width: '22px',
      height: '22px',
      margin: '-11px',
      borderRadius: '50%',
      background: 'rgb(0 0 0 / 0.25)',
      border: '2px solid #fff',
      boxShadow: '0 0 0 1.5px rgb(0 0 0 / 0.55)',
      pointerEvents: 'none',
      transition: 'left 450ms ease-in-out, top 450ms ease-in-out, transform 120ms',
    })
    dot.id = 'film-pointer'
    document.body.append(dot)
  })
  const change = (style) =>
    page.evaluate((given) => Object.assign(document.querySelector('#film-pointer').style, given), style)
  return {
    async press(target) {
      const box = await target.boundingBox()
      const [left, top] = [box.x + box.width / 2, box.y + box.height / 2]
      await change({ left: `${left}px`, top: `${top}px` })
      await page.waitForTimeout(520)
      await change({ transform: 'scale(0.7)' })
      await page.waitForTimeout(130)
      await target.click()
      await change({ transform: '' })
    },
  }
}

/** @returns ends the film, and gives its frames */
async function startFilm(page) {
  const session = await page.context().newCDPSession(page)
  const shots = []
  session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
    shots.push({ data, at: metadata.timestamp })
    session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined)
  })
  await session.send('Page.startScreencast', { format: 'png', maxWidth: SIZE.width, maxHeight: SIZE.height })
  return async () => {
    await session.send('Page.stopScreencast')
    return Promise.all(
      shots.map(async ({ data, at }, index) => {
        const file = join(directory, `${String(index).padStart(5, '0')}.png`)
        await writeFile(file, Buffer.from(data, 'base64'))
        const next = shots[index + 1]
        const seconds = next === undefined ? LAST_STILL_SECONDS : Math.min(next.at - at, LONGEST_STILL_SECONDS)
        return { file, seconds: Math.max(seconds, 0) }
      }),
    )
  }
}

/** One palette for the whole film; flat colours need no dither, so that what stands still costs nothing. */
async function develop(frames) {
  const list = join(directory, 'frames.txt')
  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0)
  const pace = Math.min(1, LONGEST_SECONDS / total)
  const lines = frames.flatMap(({ file, seconds }) => [`file '${file}'`, `duration ${(seconds * pace).toFixed(3)}`])
  await writeFile(list, `ffconcat version 1.0\n${lines.join('\n')}\nfile '${frames.at(-1).file}'\n`)
  const filter =
    `fps=${FRAMES_A_SECOND},scale=${GIF_WIDTH}:-1:flags=lanczos,split[a][b];` +
    `[a]palettegen=max_colors=192:stats_mode=full[p];[b][p]paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle`
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'concat', '-safe', '0', '-i', list, '-vf', filter, '-loop', '0', OUT])
}
