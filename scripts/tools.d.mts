export declare const toolNames: readonly string[]
export declare function locateTool(name: string): string | undefined
export declare function provideTools(say: (line: string) => void): Promise<{ name: string; reason: string }[]>
