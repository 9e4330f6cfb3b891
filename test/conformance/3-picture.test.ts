/** Section 3: the code's picture, read back by a decoder that is not ours. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { expect } from 'vitest'
import { call, expectProblem, type Answer } from '../support/outside/http.ts'
import { openBrowser } from '../support/outside/people.ts'
import { useServer } from '../support/outside/servers.ts'
import { requirement } from './requirements.ts'

type Pixel = [red: number, green: number, blue: number, alpha: number]

const SCALE = 10
const QUIET = 4 * SCALE
const run = promisify(execFile)
const server = useServer()
/** The url of a code is as long as the service's address makes it. */
const faraway = useServer({
  vars: { PUBLIC_ORIGIN: 'https://companion-link.messaging.some-longer-company-name.example' },
})
const zbarimg = await run('zbarimg', ['--version']).then(
  () => true,
  () => false,
)

requirement('3.1', async () => {
  for (const { origin } of [server, faraway]) {
    const { socket, qr } = await openBrowser({ origin })
    const picture = await fetchPicture(origin, qr.image)
    expect(picture.status).toBe(200)
    expect(picture.headers['content-type']).toMatch(/^image\/svg\+xml(;|$)/)
    expect(picture.headers['cache-control']).toBe('no-store')
    expect(picture.headers['cross-origin-resource-policy']).toBe('cross-origin')
    expect(picture.bytes.length).toBeLessThanOrEqual(4_096)
    expect(picture.text).toMatch(/^<svg[\s>]|^<\?xml/)
    expect(picture.text).not.toMatch(/<script|href=|onload/i)
    await socket.close()
  }
})

requirement('3.2', async () => {
  const { socket, qr } = await openBrowser(server)
  const [plain, encoded] = [
    await fetchPicture(server.origin, qr.image),
    await fetchPicture(server.origin, asBase64(qr.image)),
  ]
  expect(encoded.status).toBe(200)
  expect(encoded.headers['content-type']).toMatch(/^text\/plain(;|$)/)
  expect(encoded.headers['cache-control']).toBe('no-store')
  expect(encoded.headers['cross-origin-resource-policy']).toBe('cross-origin')
  const prefix = 'data:image/svg+xml;base64,'
  expect(encoded.text.startsWith(prefix)).toBe(true)
  expect(Buffer.from(encoded.text.slice(prefix.length), 'base64').toString('utf8')).toBe(plain.text)
  await socket.close()
})

requirement('3.3', async ({ skip }) => {
  // Where CI is set it must be there, and its absence is a failure.
  skip(!zbarimg && !process.env.CI, 'needs zbarimg (apt-get install zbar-tools, brew install zbar)')
  const directory = await mkdtemp(join(tmpdir(), 'tandem-picture-'))
  try {
    for (const { origin } of [server, faraway]) {
      const { socket, qr } = await openBrowser({ origin })
      const picture = await fetchPicture(origin, qr.image)
      const drawn = await draw(picture.text)
      expectQuietZone(drawn)
      expect(picture.text).not.toMatch(/currentColor|prefers-color-scheme|<style/i)
      const file = join(directory, 'code.png')
      await writeFile(file, drawn.png)
      const { stdout } = await run('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file])
      expect(stdout.trimEnd()).toBe(qr.url)
      await socket.close()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

requirement('3.4', async () => {
  const { socket, qr } = await openBrowser(server)
  expect(qr.image).toContain(qr.token)
  const others = [
    'x',
    'a'.repeat(63),
    'a'.repeat(65),
    `${qr.token}a`,
    `!${qr.token.slice(1)}`,
    '%00',
    'https%3A%2F%2Fevil.example',
  ]
  for (const other of others) {
    for (const image of [qr.image, asBase64(qr.image)]) {
      expectProblem(await fetchPicture(server.origin, image.replace(qr.token, other)), 404, 'not_found')
    }
  }
  await socket.close()
})

requirement('3.5', async () => {
  const { socket, qr } = await openBrowser(server)
  for (const image of [qr.image, asBase64(qr.image)]) {
    const refused = await fetchPicture(server.origin, image, {
      'Sec-Fetch-Dest': 'document',
      'Sec-Fetch-Mode': 'navigate',
    })
    expectProblem(refused, 403, 'not_allowed')
    const shown = await fetchPicture(server.origin, image, {
      'Sec-Fetch-Dest': 'image',
      'Sec-Fetch-Site': 'cross-site',
    })
    expect(shown.status).toBe(200)
  }
  await socket.close()
})

requirement('3.6', async () => {
  const { socket, qr } = await openBrowser(faraway)
  expect(qr.url).toBe(`https://companion-link.messaging.some-longer-company-name.example/link#${qr.token}`)
  const plain = await fetchPicture(faraway.origin, qr.image)
  const tricks: Record<string, string>[] = [
    { 'X-Forwarded-Host': 'evil.example' },
    { Forwarded: 'host=evil.example' },
    { Origin: 'https://evil.example' },
    { Referer: 'https://evil.example/' },
    { Host: 'evil.example' },
  ]
  for (const headers of tricks) expect((await fetchPicture(faraway.origin, qr.image, headers)).text).toBe(plain.text)
  const url = new URL(qr.image, faraway.origin)
  url.searchParams.set('url', 'https://evil.example')
  expect((await call(url.href.replace(url.origin, faraway.origin))).text).toBe(plain.text)
  await socket.close()
})

/** The picture, by way of the loopback address where `image` names the public one. */
function fetchPicture(origin: string, image: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { pathname, search } = new URL(image, origin)
  return call(origin + pathname + search, { headers })
}

function asBase64(image: string): string {
  return `${image}${image.includes('?') ? '&' : '?'}format=base64`
}

/** The picture as a browser would draw it, ten pixels a module, and what lies on each pixel. */
async function draw(
  svg: string,
): Promise<{ png: Buffer; width: number; height: number; at: (x: number, y: number) => Pixel }> {
  // One unit of the drawing is one module; 72 dots an inch is one pixel a unit.
  const image = sharp(Buffer.from(svg), { density: 72 * SCALE })
    .ensureAlpha()
    .toColourspace('srgb')
  const { data, info } = await image.clone().raw().toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number): Pixel => {
    const start = (y * info.width + x) * info.channels
    return [...data.subarray(start, start + 4)] as Pixel
  }
  return { png: await image.png().toBuffer(), width: info.width, height: info.height, at }
}

/** White and opaque for four modules all around, then the dark corner of a QR code. */
function expectQuietZone({ width, height, at }: Awaited<ReturnType<typeof draw>>): void {
  expect(height).toBe(width)
  // A QR code has 4 × version + 17 modules a side; with its quiet zone 8 more.
  expect((width / SCALE - 8 - 17) % 4).toBe(0)
  const inside = (pixel: number): boolean => pixel >= QUIET && pixel < width - QUIET
  const notWhite: string[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (inside(x) && inside(y)) continue
      if (at(x, y).some((channel) => channel !== 255)) notWhite.push(`${x},${y}`)
    }
  }
  expect(notWhite).toEqual([])
  for (const [x, y] of [
    [QUIET + SCALE / 2, QUIET + SCALE / 2],
    [width - QUIET - SCALE / 2, QUIET + SCALE / 2],
    [QUIET + SCALE / 2, height - QUIET - SCALE / 2],
  ]) {
    expect(at(x!, y!)).toEqual([0, 0, 0, 255])
  }
}
