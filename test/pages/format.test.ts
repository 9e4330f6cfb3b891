import { describe, expect, test } from 'vitest'
import {
  formatCountdown,
  formatUnread,
  initialsOf,
  isSameNumber,
  parseTypedNumber,
  secondsLeft,
} from '../../src/web/shared/format.ts'
import { en } from '../../src/web/shared/strings/en.ts'
import { text } from '../../src/web/shared/text.ts'

describe('a typed number', () => {
  test.each([
    ['+41 44 668 18 00', '+41446681800'],
    ['0041 (44) 668-18.00', '+41446681800'],
    ['+1/555/0100-200', '+15550100200'],
    ['044 668 18 00', null],
    ['+0 123 456 789', null],
    ['+1234567890123456', null],
    ['', null],
    ['call me', null],
  ])('%s', (typed, number) => {
    expect(parseTypedNumber(typed)).toBe(number)
  })
})

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Anna Maria van Berg', 'AB'],
  ['يوسف الحداد', 'ي'],
  ['+41 44 668 18 00', ''],
  ['', ''],
])('the initials of %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials)
})

test('what is left is never negative and never zero seconds', () => {
  expect([95_000, 61_001, 400, -5].map(formatCountdown)).toEqual(['1:35', '1:02', '0:01', '0:00'])
  expect([4_001, 400, -5].map(secondsLeft)).toEqual([5, 1, 1])
})

test('a name that is only the number is known as such', () => {
  expect(isSameNumber('+46 70 129 26 07', '+46701292607')).toBe(true)
  expect(isSameNumber('Ada', '+46701292607')).toBe(false)
})

test('a badge ends at 999+', () => {
  expect([1, 999, 1_000].map(formatUnread)).toEqual(['1', '999', '999+'])
})

test('what is filled into words is taken as it is', () => {
  expect(text('link.linked.title', { name: '$& {n} <b>' })).toBe('Linked to $& {n} <b>')
  expect(Object.values<string>(en).every((words) => words.trim() === words && words !== '')).toBe(true)
})
