import { expect, test } from 'vitest'
import { cleanFileName, shortFileName } from '../../src/protocol/file-names.ts'

test('a name holds nothing that cannot be seen: no turning of direction, no zero width, no control', () => {
  expect(cleanFileName('photo\u202egpj.exe')).toBe('photogpj.exe')
  expect(cleanFileName('a\u200bb\u0000c\ufeff\u2028d\u2066.txt\n')).toBe('abcd.txt')
  expect(cleanFileName('in\u200dvoice\u200c.pdf')).toBe('invoice.pdf')
})

test('what is written with joiners keeps them', () => {
  expect(cleanFileName('می\u200cخواهم.pdf')).toBe('می\u200cخواهم.pdf')
  expect(cleanFileName('👩\u200d🚀.png')).toBe('👩\u200d🚀.png')
})

test('nothing left is no name', () => {
  expect(cleanFileName(' \u200e ')).toBeUndefined()
  expect(cleanFileName(undefined)).toBeUndefined()
})

test('a long name is cut in its middle, never in a character, and keeps its ending', () => {
  expect(shortFileName('Timetable.pdf', 20)).toBe('Timetable.pdf')
  expect(shortFileName('Minutes of the general meeting.final.pdf', 24)).toBe('Minutes of the…final.pdf')
  expect(shortFileName('The whole harbour, all the photos.zip', 36)).toBe('The whole harbour…the photos.zip')
  expect(shortFileName('🍊'.repeat(30), 18)).toBe('🍊🍊🍊🍊🍊…🍊🍊🍊')
})
