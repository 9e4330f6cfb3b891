/** Three decoders that have nothing in common: zbar (C), zxing-cpp (C++, as WebAssembly), jsQR (JavaScript). */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { peersInstalled } from '../peers/install.ts'
import type { Image } from './photograph.ts'

export interface Decoder {
  name: string
  /** What each image says; null where nothing was read. */
  read: (images: readonly Image[]) => Promise<(string | null)[]>
}

type JsQr = (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** The decoders that this machine has. */
export async function decoders(): Promise<Decoder[]> {
  await peersInstalled()
  const hasZbar = await run('zbarimg', ['--version']).then(
    () => true,
    () => false,
  )
  if (!hasZbar) console.error('There is no zbarimg here (apt-get install zbar-tools), so zbar is left out.')
  const wasm = await readFile(join(ROOT, 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm'))
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true })
  const jsQr = createRequire(join(ROOT, 'bench/peers/package.json'))('jsqr') as JsQr | { default: JsQr }
  const readByJsQr = typeof jsQr === 'function' ? jsQr : jsQr.default
  return [
    ...(hasZbar ? [{ name: 'zbar', read: readByZbar }] : []),
    { name: 'zxing', read: readByZxing },
    {
      name: 'jsQR',
      read: async (images) =>
        images.map((image) => readByJsQr(colours(image), image.width, image.height)?.data ?? null),
    },
  ]
}

async function readByZxing(images: readonly Image[]): Promise<(string | null)[]> {
  const texts: (string | null)[] = []
  for (const image of images) {
    const data = { data: colours(image), width: image.width, height: image.height, colorSpace: 'srgb' as const }
    const [code] = await readBarcodes(data, { formats: ['QRCode'], tryHarder: true })
    texts.push(code?.text || null)
  }
  return texts
}

async function readByZbar(images: readonly Image[]): Promise<(string | null)[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tandem-bench-worn-'))
  try {
    const paths = await Promise.all(
      images.map(async ({ width, height, pixels }, index) => {
        const path = join(directory, `${index}.pgm`)
        await writeFile(path, Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), new Uint8Array(pixels)]))
        return path
      }),
    )
    // One process for all; it ends with an error where one of them is not read.
    const { stdout } = await run('zbarimg', ['-q', '--xml', '-Sdisable', '-Sqrcode.enable', ...paths]).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
    )
    const found = new Map(
      [...stdout.matchAll(/<source href='([^']+)'>.*?<!\[CDATA\[(.*?)\]\]>.*?<\/source>/gs)].map(([, path, text]) => [
        path,
        text,
      ]),
    )
    return paths.map((path) => found.get(path) ?? null)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function colours({ pixels }: Image): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(pixels.length * 4)
  pixels.forEach((grey, index) => data.fill(grey, index * 4, index * 4 + 3).fill(255, index * 4 + 3, index * 4 + 4))
  return data
}
