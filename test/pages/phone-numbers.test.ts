import { expect, test } from 'vitest'
import { useEnglish } from '../../src/web/shared/text.ts'
import { phone } from '../../src/web/strings/en/phone.ts'
import { guessCountry, listCountries, readNumber, splitNumber } from '../../src/web/phone/numbers.ts'
import { readCode } from '../../src/web/phone/one-time-code.ts'
import { movedBy, squareOf, WHOLE } from '../../src/web/phone/square.ts'

useEnglish(phone)

test('a whole number is taken apart into its country and what is dialled there, and only where that makes it again', () => {
  expect(splitNumber('+44 7400 123456')).toEqual({ country: 'GB', national: '07400 123456' })
  expect(splitNumber('0049 (1511) 234-5678')).toEqual({ country: 'DE', national: '01511 2345678' })
  // No area of North America: any of its countries, and the largest is the best guess.
  expect(splitNumber('+1 555 234 5678')).toEqual({ country: 'US', national: '(555) 234-5678' })
  for (const typed of ['', '+', '+44', '+44 74', '07400 123456', 'hello']) expect(splitNumber(typed), typed).toBeNull()
})

test('of a number that is none it says why', () => {
  expect(readNumber('07400 123456', 'GB')).toEqual({ number: '+447400123456' })
  expect(readNumber('  ', 'GB')).toEqual({ wrong: 'missing' })
  expect(readNumber('hello', 'GB')).toEqual({ wrong: 'missing' })
  expect(readNumber('12', 'GB')).toEqual({ wrong: 'short' })
  expect(readNumber('1234567890123456', 'GB')).toEqual({ wrong: 'long' })
})

test('the country is guessed from the region of the first language that has one', () => {
  expect(guessCountry(['de-AT', 'en-US'])).toBe('AT')
  expect(guessCountry(['ar'])).toBe('EG')
  expect(guessCountry([])).toBe('US')
  expect(listCountries().find(({ code }) => code === 'CH')).toEqual({ code: 'CH', name: 'Switzerland', prefix: '+41' })
})

test('a code is read from whatever stands around its digits, and from the digits of other scripts', () => {
  expect(readCode('123 456')).toBe('123456')
  expect(readCode('Tandem: 123-456.')).toBe('123456')
  expect(readCode('1234567')).toBe('123456')
  expect(readCode('٠١٢٣٤٩')).toBe('012349')
  expect(readCode('१२३')).toBe('123')
  expect(readCode('９０')).toBe('90')
  expect(readCode('no code')).toBe('')
})

test('the square that is cut out of a picture never leaves it', () => {
  expect(squareOf(400, 200, WHOLE)).toEqual({ left: 100, top: 0, side: 200 })
  expect(squareOf(400, 200, { zoom: 2, x: 0, y: 1 })).toEqual({ left: 0, top: 100, side: 100 })
  expect(squareOf(400, 200, { zoom: 99, x: 0.5, y: 0.5 }).side).toBe(50)
  const right = movedBy(400, 200, WHOLE, 1000, 1000)
  expect(squareOf(400, 200, right)).toEqual({ left: 200, top: 0, side: 200 })
  // Back from the edge at once, however far beyond it the finger went.
  expect(squareOf(400, 200, movedBy(400, 200, right, -10, 0)).left).toBe(190)
})
