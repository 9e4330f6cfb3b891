/** Pictures made with metadata by another hand (sharp), cleaned, and read again by it. */
import * as fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { withoutMetadata } from '../../src/web/shared/metadata.ts'

/** What a phone's camera writes, the place among it. */
const EXIF = {
  IFD0: { Make: 'A camera', Copyright: 'SECRET-NAME', DateTime: '2026:11:22 10:00:00' },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '47/1 22/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '8/1 33/1 0/1' },
}
const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- SECRET-NAME --></x:xmpmeta>'
const FORMATS = ['jpeg', 'webp', 'png'] as const

/** Two colours side by side, so that it can be seen how it is turned. */
function picture(format: (typeof FORMATS)[number], orientation: number): Promise<Buffer> {
  const left = { create: { width: 20, height: 30, channels: 3 as const, background: '#ff0000' } }
  return sharp({ create: { width: 40, height: 30, channels: 3, background: '#0000ff' } })
    .composite([{ input: left, left: 0, top: 0 }])
    .withExif(EXIF)
    .withXmp(XMP)
    .withIccProfile('p3')
    .withMetadata({ orientation, icc: 'p3', exif: EXIF })
    .toFormat(format, { quality: 90 })
    .toBuffer()
}

function cleaned(bytes: Buffer): Buffer {
  const after = withoutMetadata(new Uint8Array(bytes))
  expect(after).not.toBeNull()
  return Buffer.from(after!)
}

describe.each(FORMATS)('a %s', (format) => {
  test('loses place, time, author and tool, and not one of its pixels', async () => {
    const before = await picture(format, 1)
    expect((await sharp(before).metadata()).exif).toBeDefined()
    const after = cleaned(before)
    const { exif, xmp, orientation = 1, width, height } = await sharp(after).metadata()
    expect([exif, xmp, orientation, width, height]).toEqual([undefined, undefined, 1, 40, 30])
    expect(after.includes('SECRET-NAME')).toBe(false)
    expect(await sharp(after).raw().toBuffer()).toEqual(await sharp(before).raw().toBuffer())
  })

  test('keeps its colours', async () => {
    const before = await picture(format, 1)
    expect((await sharp(cleaned(before)).metadata()).icc).toEqual((await sharp(before).metadata()).icc)
  })

  test('stands as it stood', async () => {
    for (const orientation of [3, 6, 8]) {
      const after = cleaned(await picture(format, orientation))
      expect((await sharp(after).metadata()).orientation).toBe(orientation)
      expect(after.includes('SECRET-NAME')).toBe(false)
    }
  })

  test('that is clean already stays as it is', async () => {
    const once = cleaned(await picture(format, 6))
    expect(cleaned(once)).toEqual(once)
  })

  test('that is cut off somewhere is told of, or tells nothing', async () => {
    const whole = await picture(format, 6)
    fc.assert(
      fc.property(fc.integer({ min: 12, max: whole.length }), (length) => {
        const after = withoutMetadata(new Uint8Array(whole.subarray(0, length)))
        if (after !== null) expect(Buffer.from(after).includes('SECRET-NAME')).toBe(false)
      }),
    )
  })
})

test('what lies behind a JPEG’s end, such as a film, is not sent along', async () => {
  const bytes = Buffer.concat([await picture('jpeg', 1), Buffer.from('ftypmp42 SECRET-NAME')])
  const after = cleaned(bytes)
  expect(after.includes('SECRET-NAME')).toBe(false)
  expect(after.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]))
})

test('a progressive JPEG of several scans stays whole', async () => {
  const before = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#3a7' } })
    .withExif(EXIF)
    .jpeg({ progressive: true })
    .toBuffer()
  const after = cleaned(before)
  expect(after.length).toBeLessThan(before.length)
  expect(await sharp(after).raw().toBuffer()).toEqual(await sharp(before).raw().toBuffer())
})

test('anything else is left alone, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      // A JPEG's beginning is two bytes only, which come up by chance.
      fc.pre(bytes[0] !== 0xff || bytes[1] !== 0xd8)
      const given = new Uint8Array(bytes)
      expect(withoutMetadata(given)).toBe(given)
    }),
  )
})
