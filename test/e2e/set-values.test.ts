// `--set-json` and `--set-literal` beside real helm: the same values, and the same refusals.
import { helmRenderer, type RenderValues, readChartArchive } from '@chartferry/core'
import { engineRenderer } from '@chartferry/core/helm'
import { expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { describeWithTools } from '../kit/tools.ts'

const values = 'image: {tag: "1"}\nlist: [1, {a: b}]\nkept: true\n'
const given: readonly RenderValues[] = [
  { setJson: ['image={"tag":"2","more":[1,2.5,1e21,null,true]}'] },
  { setJson: ['a=1 , b="x,y" ,c=[1,{"d":"e]"}]'] },
  { setJson: ['a=,b=2', 'c='] },
  { setJson: ['a.b.c={"d":{}}', 'list[1].a={"x":"\\"}"}', 'list[3]=[]'] },
  { setJson: ['image=null', 'kept=false'] },
  { setJson: ['a="\\u00e9\\\\"'] },
  { setJson: ['a=12345678901234567890,b=0.1,c=-0'] },
  { setJson: ['{"image":{"tag":"3"},"n":1}'] },
  { setJson: [' {"image":{"other":[1]}} '] },
  { setLiteral: ['a=b,c=d', 'image.tag=x\\,y={1,2}'] },
  { setLiteral: ['a.b[1].c=true', 'list[0]= 12 ', 'empty='] },
  { setLiteral: ['a,b=1'] },
  {
    files: [{ name: 'values.yaml', text: 'a: 1\nb: 1\nc: 1\n' }],
    setJson: ['a=2,b=2'],
    set: ['b=3,c=3'],
    setString: ['c=4'],
    setLiteral: ['c=5'],
  },
  { setJson: ['a={"b":1'] },
  { setJson: ['a=tru'] },
  { setJson: ['a'] },
  { setJson: ['a.b'] },
  { setLiteral: ['a'] },
  { setLiteral: ['a.b'] },
  { setLiteral: ['list.x=1'] },
]

describeWithTools('values in JSON, and as they are', ['helm3', 'helm4'], (tools) => {
  it.each([3, 4].flatMap((major) => given.map((one) => [major, JSON.stringify(one), one] as const)))(
    'helm %d: %s',
    async (major, _, one) => {
      const archive = await readChartArchive(
        await buildChart({
          name: 'web',
          values,
          files: { 'templates/all.yaml': 'all: {{ toJson .Values | quote }}\n' },
        }),
      )
      const helm = await helmRenderer({ binary: major === 3 ? tools.helm3 : tools.helm4 })
      const outcomeOf = async (renderer: typeof helm): Promise<unknown> => {
        const rendering = await renderer.open(archive)
        try {
          return (await rendering.render(one, {})).documents.map(({ text }) => text.match(/all:.*/)?.[0])
        } catch {
          return 'refused'
        } finally {
          await rendering.close()
        }
      }
      expect(await outcomeOf(engineRenderer({ helm: major === 3 ? 3 : 4 }))).toEqual(await outcomeOf(helm))
    },
  )
})
