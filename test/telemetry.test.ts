import { afterEach, describe, expect, it, vi } from 'vitest'
import { record } from '../src/telemetry.ts'

afterEach(() => vi.restoreAllMocks())

describe('telemetry', () => {
  it('writes one structured line, and a point where the binding is there', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const writeDataPoint = vi.fn<(point: unknown) => void>()
    record({ EVENTS: { writeDataPoint } }, { event: 'signed_in', outcome: 'code_invalid' })
    expect(log).toHaveBeenCalledExactlyOnceWith('{"event":"signed_in","outcome":"code_invalid"}')
    expect(writeDataPoint).toHaveBeenCalledExactlyOnceWith({
      indexes: ['signed_in'],
      blobs: ['signed_in', 'code_invalid'],
      doubles: [1],
    })
  })

  it('works without the binding, and a failing one fails no request', () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect(() => record({}, { event: 'signed_out' })).not.toThrow()
    const writeDataPoint = () => {
      throw new Error('full')
    }
    expect(() => record({ EVENTS: { writeDataPoint } }, { event: 'signed_out' })).not.toThrow()
    expect(error).toHaveBeenCalledExactlyOnceWith('{"event":"telemetry_lost"}')
  })
})
