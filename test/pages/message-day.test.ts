import { expect, test } from 'vitest'
import { PassingDay } from '../../src/web/shared/message-day.ts'
import { message } from './support.ts'

const DAY = 24 * 60 * 60_000
const NOON = new Date(2026, 4, 5, 12).getTime()
const HEIGHT = 90

/** Six messages of three days, and the passing day when the first one's top is so far above the view's. */
function passing(): { day: PassingDay; at: (scrolled: number, moving?: boolean) => boolean } {
  const items = [0, 0, 1, 1, 2, 2].map((day, index) => message(index + 1, { sentAt: NOON + day * DAY + index }))
  let top = 0
  let isMoving = true
  const view = {
    items,
    get visible() {
      return { start: Math.floor(top / HEIGHT), end: items.length }
    },
    get moving() {
      return isMoving
    },
    topOf: (index: number) => index * HEIGHT - top,
  }
  const day = new PassingDay(view, { draw: () => undefined, after: () => undefined })
  function at(scrolled: number, moving = true): boolean {
    top = scrolled
    isMoving = moving
    day.look()
    return day.shown
  }
  return { day, at }
}

test('the passing day is away while the line of its day, or of the next one, is where it stands', () => {
  const { day, at } = passing()
  expect([0, 20, 40].map((scrolled) => at(scrolled))).toEqual([false, false, false])
  expect(at(60)).toBe(true)
  expect(day.day).toBe(new Date(2026, 4, 5).getTime())
  expect([120, 150, 180, 200, 220].map((scrolled) => at(scrolled))).toEqual([false, false, false, false, false])
  expect(at(230)).toBe(true)
  expect(day.day).toBe(new Date(2026, 4, 6).getTime())
})

test('the passing day stays a while after a motion, but gives way when a jump ends at the line of a day', () => {
  const { at } = passing()
  expect(at(60)).toBe(true)
  expect(at(70, false)).toBe(true)
  expect(at(180, false)).toBe(false)
})
