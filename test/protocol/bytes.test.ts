import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, fromHex, toBase64Url, toHex, utf8, utf8Length } from '../../src/protocol/bytes.ts'

describe('bytes', () => {
  it('base64url and hex give every byte string back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(new Uint8Array(bytes))
        expect(fromHex(toHex(bytes))).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('base64url has one spelling for each byte string', () => {
    for (const other of ['A', 'AB', 'AA==', 'A+A/', 'AA A', 'AAB ']) expect(fromBase64Url(other)).toBeNull()
  })

  it('utf8Length counts what the encoder makes, lone surrogates too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(utf8Length(text)).toBe(utf8(text).length)
      }),
    )
    expect(utf8Length('\ud800a\udc00')).toBe(utf8('\ud800a\udc00').length)
  })
})
