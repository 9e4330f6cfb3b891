import { describe, expect, it } from 'vitest'
import { comparisonOf } from '../../bench/measure/compare.ts'
import { judge, type Figure } from '../../bench/measure/figure.ts'
import { median, orderOf, percentile, ratios, summarise } from '../../bench/measure/statistics.ts'
import { number, tableOf } from '../../bench/measure/table.ts'

const figure = (tandem: number[], floor: number[]): Figure => ({
  id: 'link',
  name: 'links',
  unit: '/s',
  better: 'more',
  values: { tandem, floor },
  targets: [{ of: 'tandem', base: 'floor', is: 'at least', limit: 0.75 }],
})

describe('the bench', () => {
  it('takes percentiles by the nearest rank, and the middle of an even number between its two middle values', () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2)
    expect(percentile([3, 1, 2], 0.99)).toBe(3)
    expect(percentile([7], 0)).toBe(7)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([5, 1, 9])).toBe(5)
    expect(() => median([])).toThrow(RangeError)
  })

  it('compares subjects round by round, so that a slow minute counts for neither', () => {
    expect(ratios([8, 4], [10, 5])).toEqual([0.8, 0.8])
    expect(() => ratios([1], [1, 2])).toThrow(RangeError)
    expect(summarise([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, rounds: 3 })
  })

  it('lets every subject begin as often as the others', () => {
    const rounds = Array.from({ length: 6 }, (_, round) => orderOf(['a', 'b', 'c'], round))
    for (const subject of ['a', 'b', 'c']) expect(rounds.filter(([first]) => first === subject)).toHaveLength(2)
    for (const order of rounds) expect(order.toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('holds a figure against its target, and leaves a subject out that was not there', () => {
    expect(judge(figure([80, 80, 90], [100, 100, 100]))[0]).toMatchObject({ met: true, reached: { median: 0.8 } })
    expect(judge(figure([70, 70], [100, 100]))[0]).toMatchObject({ met: false })
    expect(judge({ ...figure([1], [1]), values: { tandem: [1] } })).toEqual([])
    const itself = { of: 'tandem', base: null, is: 'at most', limit: 0 } as const
    expect(judge({ ...figure([0], [9]), targets: [itself] })[0]).toMatchObject({ met: true })
  })

  it('shows medians, spread and verdict in one table', () => {
    const table = tableOf([figure([70, 71, 75], [100, 100, 100])])
    expect(table).toMatch(/links +tandem +71\.0 \/s +70\.0 – 75\.0 +3/)
    expect(table).toMatch(/tandem ÷ floor +0\.710 × +0\.700 – 0\.750 +at least 0\.750 ×: MISSED/)
  })

  it('writes three digits that mean something', () => {
    expect([0, 1234.5, 99.96, 1.5, 0.01234].map(number)).toEqual(['0', '1235', '100.0', '1.50', '0.0123'])
  })

  it('tells a change against an earlier run from noise, by the ratio to the floor', () => {
    const before = [figure([50], [100])]
    expect(comparisonOf(before, [figure([160], [200])])).toEqual([
      'links: tandem ÷ floor 0.500 → 0.800 (+60 %, better)',
    ])
    expect(comparisonOf(before, [figure([49], [100])])[0]).toContain('within noise')
    expect(comparisonOf(before, [figure([30], [100])])[0]).toContain('WORSE')
    expect(comparisonOf([], before)).toEqual([])
  })
})
