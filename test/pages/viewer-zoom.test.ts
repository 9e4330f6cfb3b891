import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FIT, fitted, largestScale, moved, zoomed, type Placing } from '../../src/web/shared/viewer-zoom.ts'

const STAGE = { width: 1000, height: 500 }
const PICTURE = { width: 4000, height: 1000 }

test('a picture fits the stage, and a small one stays as it is', () => {
  expect(fitted(PICTURE, STAGE)).toEqual({ width: 1000, height: 250 })
  expect(fitted({ width: 100, height: 5000 }, STAGE)).toEqual({ width: 10, height: 500 })
  expect(fitted({ width: 20, height: 10 }, STAGE)).toEqual({ width: 20, height: 10 })
})

test('what lies under the pointer stays there while one zooms', () => {
  const at = { x: 100, y: 0 }
  const twice = zoomed(FIT, 2, at, PICTURE, STAGE)
  expect(twice).toEqual({ scale: 2, x: -100, y: 0 })
  // The same point of the picture, in its own measure.
  expect((at.x - twice.x) / twice.scale).toBe(at.x)
})

test('it is never smaller than fitting, nor larger than is of use', () => {
  expect(zoomed({ scale: 3, x: 400, y: 10 }, 0.2, { x: 0, y: 0 }, PICTURE, STAGE)).toEqual(FIT)
  expect(largestScale(PICTURE, STAGE)).toBe(8)
  expect(zoomed(FIT, 100, { x: 0, y: 0 }, PICTURE, STAGE).scale).toBe(8)
})

test('however it is moved, its edge never leaves the edge of the stage', () => {
  const by = fc.record({ x: fc.integer({ min: -5000, max: 5000 }), y: fc.integer({ min: -5000, max: 5000 }) })
  fc.assert(
    fc.property(fc.double({ min: 1, max: 8, noNaN: true }), fc.array(by, { maxLength: 5 }), (scale, steps) => {
      const start = zoomed(FIT, scale, { x: 0, y: 0 }, PICTURE, STAGE)
      const { x, y } = steps.reduce((placing: Placing, step) => moved(placing, step, PICTURE, STAGE), start)
      expect(Math.abs(x)).toBeLessThanOrEqual(Math.max(0, (1000 * start.scale - STAGE.width) / 2))
      expect(Math.abs(y)).toBeLessThanOrEqual(Math.max(0, (250 * start.scale - STAGE.height) / 2))
    }),
  )
})
