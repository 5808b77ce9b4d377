// The style, the script and the picture of the pages, under paths that change with them.
import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import type { Route } from '../routes/route.ts'
import { script } from './script.ts'
import { style } from './style.ts'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5ea8"/>
<path d="M5 18h22l-3 6H8z" fill="#fff"/><path d="M9 16v-4h5v4zm6 0V8h8v8z" fill="#9fd0ff"/><path d="M4 27c2-1.5 4-1.5 6 0s4 1.5 6 0 4-1.5 6 0 4 1.5 6 0" fill="none" stroke="#9fd0ff" stroke-width="1.6"/></svg>
`

/** What a text is known by. */
const shortDigest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

export const stylePath: string = `/-/style-${shortDigest(style)}.css`
export const scriptPath: string = `/-/script-${shortDigest(script)}.js`

/** Their routes: anybody may have them. */
export function assetRoutes(): readonly Route[] {
  const asset = (path: string, type: string, text: string): Route => ({
    name: 'page',
    path,
    methods: {
      GET: {
        needs: 'nothing',
        run: (ctx: Context) => {
          ctx.set(
            'Cache-Control',
            path === '/-/icon.svg' ? 'public, max-age=86400' : 'public, max-age=31536000, immutable',
          )
          ctx.type = type
          ctx.body = text
        },
      },
    },
  })
  return [
    asset(stylePath, 'text/css', style),
    asset(scriptPath, 'text/javascript', script),
    asset('/-/icon.svg', 'image/svg+xml', icon),
  ]
}
