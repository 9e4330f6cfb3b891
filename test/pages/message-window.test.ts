import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EDGE, endOf, placeAnchored, rangeFor, RowOffsets } from '../../src/web/shared/message-window.ts'

const heights = fc.array(fc.integer({ min: 20, max: 900 }), { minLength: 1, maxLength: 200 })
const sum = (list: readonly number[]): number => list.reduce((total, height) => total + height, 0)

describe('offsets', () => {
  test('are the sums of the heights, whatever changes in whatever order', () => {
    fc.assert(
      fc.property(
        heights,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 900 }), fc.nat())),
        (list, changes) => {
          const offsets = new RowOffsets(Float64Array.from(list))
          for (const [row, height, looked] of changes) {
            list[row % list.length] = height
            offsets.setHeight(row % list.length, height)
            expect(offsets.top(looked % list.length)).toBe(sum(list.slice(0, looked % list.length)))
          }
          expect(offsets.total).toBe(sum(list))
        },
      ),
    )
  })

  test('find the row at a distance, and the nearest where there is none', () => {
    fc.assert(
      fc.property(heights, fc.integer({ min: -500, max: 200_000 }), (list, distance) => {
        const offsets = new RowOffsets(Float64Array.from(list))
        const found = offsets.find(distance)
        if (distance >= 0) expect(offsets.top(found)).toBeLessThanOrEqual(distance)
        else expect(found).toBe(0)
        if (distance < offsets.total) expect(offsets.top(found + 1)).toBeGreaterThan(distance)
        else expect(found).toBe(list.length - 1)
      }),
    )
  })
})

describe('the rows of a view', () => {
  test('cover it and what is wanted beyond it, and are never too many', () => {
    fc.assert(
      fc.property(
        heights,
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 200, max: 2_000 }),
        (list, at, height) => {
          const offsets = new RowOffsets(Float64Array.from(list))
          const top = Math.min(at, Math.max(0, offsets.total - height))
          const all = rangeFor(offsets, top, height, 500, 1_000)
          expect(offsets.top(all.start)).toBeLessThanOrEqual(Math.max(0, top - 500))
          expect(offsets.top(all.end)).toBeGreaterThanOrEqual(Math.min(offsets.total, top + height + 500))
          const few = rangeFor(offsets, top, height, 5_000, 120)
          expect(few.end - few.start).toBeLessThanOrEqual(120)
          expect(offsets.top(few.start)).toBeLessThanOrEqual(top)
          expect(offsets.top(few.end)).toBeGreaterThanOrEqual(Math.min(offsets.total, top + height))
        },
      ),
    )
  })

  test('are none where there is none', () => {
    expect(rangeFor(new RowOffsets(new Float64Array()), 0, 800, 500, 100)).toEqual({ start: 0, end: 0 })
  })
})

/** A person who scrolls while heights turn out and messages are added on both sides. */
type Step =
  | { kind: 'scroll'; by: number }
  | { kind: 'measure'; row: number; height: number }
  | { kind: 'older'; heights: number[] }
  | { kind: 'newer'; heights: number[] }
  | { kind: 'rest' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('scroll' as const), by: fc.integer({ min: -3_000, max: 3_000 }) }),
  fc.record({ kind: fc.constant('measure' as const), row: fc.nat(), height: fc.integer({ min: 20, max: 900 }) }),
  fc.record({ kind: fc.constant('older' as const), heights }),
  fc.record({ kind: fc.constant('newer' as const), heights }),
  fc.record({ kind: fc.constant('rest' as const) }),
)

test('what is read stays where it is on the screen while all around it changes, in motion and at rest', () => {
  const viewport = 700
  fc.assert(
    fc.property(heights, fc.array(step, { maxLength: 60 }), (list, steps) => {
      let offsets = new RowOffsets(Float64Array.from(list))
      let [drift, scrollTop, anchor, delta, moving] = [0, 0, 0, -EDGE, false]
      const screenTop = (): number => EDGE + offsets.top(anchor) + drift - scrollTop
      for (const { kind, ...what } of steps) {
        if (kind === 'scroll') {
          scrollTop = Math.max(0, Math.min(scrollTop + (what as { by: number }).by, endOf(offsets, viewport) + drift))
          const top = scrollTop - EDGE - drift
          anchor = offsets.find(top)
          delta = top - offsets.top(anchor)
          moving = true
          continue
        }
        const before = screenTop()
        if (kind === 'rest') moving = false
        else if (kind === 'measure') {
          const { row, height } = what as { row: number; height: number }
          // The height of what is read itself is below the line that stays.
          if (row % list.length === anchor && delta > 0) continue
          list[row % list.length] = height
          offsets.setHeight(row % list.length, height)
        } else {
          const added = (what as { heights: number[] }).heights
          list = kind === 'older' ? [...added, ...list] : [...list, ...added]
          if (kind === 'older') anchor += added.length
          offsets = new RowOffsets(Float64Array.from(list))
        }
        const start = rangeFor(offsets, offsets.top(anchor) + delta, viewport, 1_000, 130).start
        const placed = placeAnchored({ offsets, top: offsets.top(anchor) + delta, scrollTop, viewport, start, moving })
        drift = placed.drift
        scrollTop = placed.scrollTop
        // No hole at the beginning, no row before it.
        expect(EDGE + offsets.top(start) + drift).toBeGreaterThanOrEqual(start === 0 ? EDGE : 0)
        if (!moving) expect(drift).toBe(0)
        const [first, last] = [0, endOf(offsets, viewport)]
        if (scrollTop > first && scrollTop < last) expect(screenTop()).toBeCloseTo(before, 6)
        // The list does not reach so far any more: from now on what is seen instead stays.
        else {
          const top = scrollTop - EDGE - drift
          anchor = offsets.find(top)
          delta = top - offsets.top(anchor)
        }
      }
    }),
    { numRuns: 300, interruptAfterTimeLimit: 5_000 },
  )
})
