import { expect, test } from 'vitest'
import { BARS, peaksIn } from '../../src/web/shared/voice-peaks.ts'

test('the bars of a voice are as many as there is room for, the loudest whole, silence none', () => {
  const samples = Float32Array.from({ length: BARS * 100 }, (_, at) => (at < BARS * 50 ? 0 : at % 2 === 0 ? 0.2 : -0.2))
  const peaks = peaksIn(samples)
  expect(peaks).toHaveLength(BARS)
  expect(peaks[0]).toBe(0)
  expect(peaks.at(-1)).toBeCloseTo(1)
})

test('of nothing, and of a sound shorter than the bars, they are numbers all the same', () => {
  expect(peaksIn(new Float32Array(0))).toEqual(Array.from({ length: BARS }, () => 0))
  expect(peaksIn(Float32Array.of(0.5, -0.5)).every((peak) => peak >= 0 && peak <= 1)).toBe(true)
})
