/** AVIF of another hand (sharp), films and HEIC built box by box: cleaned, compared, cut and spoilt. */
import * as fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { withoutMetadata } from '../../src/web/shared/metadata.ts'

const SECRET = 'SECRET+47.3667+008.5500/'
const SAMPLES = Buffer.from('the picture and the sound, sample by sample')

function clean(bytes: Buffer): Buffer | null {
  const given = new Uint8Array(bytes)
  const after = withoutMetadata(given)
  expect(Buffer.from(given)).toEqual(bytes)
  return after && Buffer.from(after)
}

function box(type: string, ...content: (Buffer | string | number)[]): Buffer {
  const held = Buffer.concat(content.map((part) => (typeof part === 'number' ? u32(part) : Buffer.from(part))))
  return Buffer.concat([u32(held.length + 8), Buffer.from(type, 'latin1'), held])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u16(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => u32(value).subarray(2)))
}

/** Of one chunk with one sample. */
function track(handler: string, at: number, length: number, ...more: Buffer[]): Buffer {
  const table = box(
    'stbl',
    box('stsd', 0, 0),
    box('stsc', 0, 1, 1, 1, 1),
    box('stsz', 0, 0, 1, length),
    box('stco', 0, 1, at),
  )
  const media = box('mdia', box('mdhd', 0, 1, 2, 3), box('hdlr', 0, 0, handler), box('minf', table))
  return box('trak', box('tkhd', 7, 0xcafe, 0xcafe, 1), media, ...more)
}

/** @param places samples of a track of places @param more boxes at the end of the film's header */
function film({ places = '', more = [] as Buffer[] } = {}): Buffer {
  const ftyp = box('ftyp', 'isom', 0)
  const start = ftyp.length + 8
  const data = box('mdat', SAMPLES, places)
  const tracks = [track('vide', start, SAMPLES.length, box('udta', SECRET))]
  if (places !== '') tracks.push(track('meta', start + SAMPLES.length, places.length))
  return Buffer.concat([
    ftyp,
    data,
    box('moov', box('mvhd', 0, 0xcafe, 0xcafe, 0), ...tracks, ...more),
    box('uuid', SECRET),
  ])
}

/** HEIC as telephones write it: a picture, Exif and XMP in one `mdat`, their places in `iloc`. */
function heic(exif: string, method = 0): Buffer {
  const held = method === 1 ? box('idat', SAMPLES, exif) : Buffer.alloc(0)
  const item = (id: number, at: number, length: number): Buffer =>
    Buffer.concat([u16(id, method, 0, 1), u32(at), u32(length)])
  const meta = (start: number): Buffer =>
    box(
      'meta',
      0,
      box('hdlr', 0, 0, 'pict'),
      box(
        'iinf',
        0,
        u16(2),
        box('infe', 0x02000000, u16(1, 0), 'hvc1\0'),
        box('infe', 0x02000000, u16(2, 0), 'Exif\0'),
      ),
      box(
        'iloc',
        0x01000000,
        u16(0x4400, 2),
        item(1, start, SAMPLES.length),
        item(2, start + SAMPLES.length, exif.length),
      ),
      held,
    )
  const ftyp = box('ftyp', 'heic', 0)
  const start = method === 1 ? 0 : ftyp.length + meta(0).length + 8
  return Buffer.concat([ftyp, meta(start), ...(method === 1 ? [] : [box('mdat', SAMPLES, exif)])])
}

function webm(...children: Buffer[]): Buffer {
  const segment = Buffer.from('1853806701ffffffffffffff', 'hex')
  return Buffer.concat([element('1a45dfa3', Buffer.from('42828477656210', 'hex')), segment, ...children])
}

function element(id: string, content: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from(id, 'hex'), Buffer.from([0x80 | content.length]), Buffer.from(content)])
}

describe('an AVIF', () => {
  test('loses its Exif and XMP and not one of its pixels', async () => {
    const before = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#3a7' } })
      .withExif({ IFD0: { Copyright: SECRET }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '47/1 22/1 0/1' } })
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- ${SECRET} --></x:xmpmeta>`)
      .avif()
      .toBuffer()
    expect(before.includes(SECRET)).toBe(true)
    const after = clean(before)!
    expect(after.includes('SECRET')).toBe(false)
    expect(after.length).toBe(before.length)
    expect(await sharp(after).raw().toBuffer()).toEqual(await sharp(before).raw().toBuffer())
    expect(clean(after)).toEqual(after)
  })
})

describe('a HEIC', () => {
  test.each([0, 1])('loses its Exif, wherever it stands (construction method %i)', (method) => {
    const before = heic(SECRET, method)
    const after = clean(before)!
    expect(after.includes('SECRET')).toBe(false)
    expect(after.includes(SAMPLES)).toBe(true)
    expect(after.length).toBe(before.length)
  })

  test('of which the picture itself is named as metadata is left alone, and told of', () => {
    const bytes = heic(SECRET)
    const at = bytes.indexOf('iloc') + 4
    // The second item where the first is.
    bytes.copy(bytes, at + 8 + 16 + 8, at + 8 + 8, at + 8 + 16)
    expect(clean(bytes)).toBeNull()
  })
})

describe('a film', () => {
  test('loses what is told of place and time in its header and its tracks; where its samples are stays true', () => {
    const before = film({ more: [box('udta', box('\u00a9xyz', SECRET)), box('meta', SECRET), box('free', SECRET)] })
    const after = clean(before)!
    expect(after.length).toBe(before.length)
    expect(after.includes('SECRET')).toBe(false)
    expect(after.includes(Buffer.from('0000cafe', 'hex'))).toBe(false)
    expect(after.indexOf(SAMPLES)).toBe(before.indexOf(SAMPLES))
    expect(after.includes('vide')).toBe(true)
    expect(clean(after)).toEqual(after)
  })

  test('loses a track of places, samples and all', () => {
    const after = clean(film({ places: SECRET }))!
    expect(after.includes('SECRET')).toBe(false)
    expect(after.includes(SAMPLES)).toBe(true)
    expect(after.includes('hdlr')).toBe(true)
    expect(after.toString('latin1').match(/trak/g)).toHaveLength(1)
  })

  test('whose header is packed, or missing, is left alone and told of', () => {
    expect(clean(Buffer.concat([box('ftyp', 'qt  ', 0), box('moov', box('cmov', 0))]))).toBeNull()
    expect(clean(Buffer.concat([box('ftyp', 'isom', 0), box('mdat', SAMPLES)]))).toBeNull()
  })

  test('whose samples are said to be where none can be is left alone and told of', () => {
    const bytes = film()
    bytes.writeUInt32BE(4, bytes.indexOf('stco') + 12)
    expect(clean(bytes)).toBeNull()
  })

  test('that is cut off anywhere is never sent as if it told nothing', () => {
    const whole = film({ places: SECRET })
    for (let length = 9; length < whole.length; length++) {
      expect(clean(whole.subarray(0, length))?.includes('SECRET') ?? false).toBe(false)
    }
  })
})

describe('a WebM', () => {
  const cluster = Buffer.from('1f43b67501ffffffffffffffa38100', 'hex')

  test('loses tags, attachments, title and date, and its blocks stay where they are', () => {
    const info = element(
      '1549a966',
      Buffer.concat([element('7ba9', SECRET), element('4461', '12345678'), element('4d80', 'x')]),
    )
    const before = webm(info, element('1254c367', SECRET), element('1941a469', 'tiny'), cluster)
    const after = clean(before)!
    expect(after.length).toBe(before.length)
    expect(after.includes('SECRET')).toBe(false)
    expect(after.includes('tiny')).toBe(false)
    expect(after.indexOf(cluster)).toBe(before.indexOf(cluster))
    expect(clean(after)).toEqual(after)
  })

  test('that tells nothing is sent as it is, and one that is cut off is told of', () => {
    const bytes = webm(element('1549a966', element('4d80', 'x')), cluster)
    expect(clean(bytes)).toEqual(bytes)
    expect(clean(webm(element('1254c367', SECRET)).subarray(0, -1))).toBeNull()
  })
})

test('whatever is done to a file, its cleaning ends, and changes nothing of its length', async () => {
  const avif = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#3a7' } })
    .avif()
    .toBuffer()
  const files = [film({ places: SECRET }), heic(SECRET), heic(SECRET, 1), avif, webm(element('1254c367', SECRET))]
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
      (file, spots) => {
        const bytes = Buffer.from(file)
        for (const [at, value] of spots) bytes[at % bytes.length] = value
        const after = clean(bytes)
        if (after !== null) expect(after.length).toBe(bytes.length)
      },
    ),
    { numRuns: 2_000 },
  )
})
