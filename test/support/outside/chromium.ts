/** The Chromium that tests drive: found on this machine, never downloaded. Its camera shows a file. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright-core'

/** What stands before the lens: nothing, a camera whose picture can be changed, or no camera at all. */
export interface Camera {
  /** The clip that Chromium reads whenever a page opens the camera. */
  clip: string
  /** Holds a picture before it. Takes effect when the camera is opened next. */
  show: (picture: Buffer) => Promise<void>
  remove: () => Promise<void>
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const run = promisify(execFile)

/** The executable: `CHROMIUM`, or where systems put it. @throws Error that says how to name one */
export function findChromium(): string {
  const named = process.env.CHROMIUM
  const found = named || findTool(...NAMES) || (existsSync(MAC_CHROME) ? MAC_CHROME : undefined)
  if (found === undefined) throw new Error('no Chromium was found: name one in CHROMIUM')
  return found
}

/** The first of `names` on the path. */
export function findTool(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

/**
 * Starts a browser of its own.
 * @param camera a camera that every page may use; `ask`: one, but the person is asked; `none`: there is none
 */
export function launchChromium(camera: Camera | 'ask' | 'none' = 'none'): Promise<Browser> {
  const flags =
    camera === 'none'
      ? ['--use-fake-ui-for-media-stream']
      : camera === 'ask'
        ? ['--use-fake-device-for-media-stream']
        : [
            '--use-fake-ui-for-media-stream',
            '--use-fake-device-for-media-stream',
            `--use-file-for-fake-video-capture=${camera.clip}`,
          ]
  return chromium.launch({ executablePath: findChromium(), headless: true, args: [...FLAGS, ...flags] })
}

/** A camera that looks at a grey wall until it is shown something. Needs ffmpeg. */
export async function createCamera(): Promise<Camera> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-camera-'))
  const clip = join(directory, 'clip.y4m')
  const next = join(directory, 'next.y4m')
  const film = async (...input: string[]): Promise<void> => {
    const output = ['-frames:v', '4', '-r', '10', '-pix_fmt', 'yuv420p', next]
    await run('ffmpeg', ['-v', 'error', '-y', ...input, ...output], { timeout: 20_000 })
    await rename(next, clip)
  }
  await film('-f', 'lavfi', '-i', 'color=c=gray:s=1280x720:r=10')
  return {
    clip,
    async show(picture) {
      const still = join(directory, 'still.png')
      await writeFile(still, picture)
      const fit = 'scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2:gray'
      await film('-loop', '1', '-i', still, '-vf', fit)
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** What `zbarimg`, a decoder that is not ours, reads in a picture; `percent` scales it first. */
export async function readWithZbar(picture: Buffer, percent = 100): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-zbar-'))
  try {
    const [whole, scaled] = [join(directory, 'whole.png'), join(directory, 'scaled.png')]
    await writeFile(whole, picture)
    const factor = percent / 100
    if (factor !== 1) {
      await run('ffmpeg', ['-v', 'error', '-y', '-i', whole, '-vf', `scale=iw*${factor}:ih*${factor}`, scaled])
    }
    const options = ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', factor === 1 ? whole : scaled]
    // It exits 4 where there is no code.
    const { stdout } = await run('zbarimg', options, { timeout: 20_000 }).catch((error: { code?: unknown }) => {
      if (error.code === 4) return { stdout: '' }
      throw error
    })
    return stdout.split('\n').filter((line) => line !== '')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
