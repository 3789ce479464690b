"""One compact source for each language that holds every kind of symbol, with what an outline of it must say."""

from textwrap import dedent

SOURCES: dict[str, str] = {
    "a.py": '''
        """Module."""
        import os

        LIMIT = 3
        name: str = "x"
        type Pair = tuple[int, int]


        # About the class.
        @register
        class Shop(Base):
            """A shop.

            With books.
            """

            size = 1

            @property
            def total(self):
                """The sum."""
                text = """
            not code
                """
                return text

            @total.setter
            def total(self, value): self._total = value

            async def open(self):
                def inner():
                    return 1
                return inner  # trailing


        def top(a, *, b=1): ...
    ''',
    "a.js": """
        const express = require('express');
        const LIMIT = 3;
        let state = 1;
        /** About the class. */
        export class Shop extends Base {
          size = 1;
          #secret = 2;
          open() { return `
        not code`; }
          close = () => 1;
        }
        export default function top(a) { const local = 1; return local; }
        const arrow = async (x) => x;
        exports.handler = function () {};
        const service = { list() {}, get: async () => 1 };
    """,
    "a.ts": """
        export interface Item { id: string; price(): number }
        export type Pair = [number, number];
        export enum Color { Red, Green = 2 }
        namespace Inner { export const deep = 1; }
        // About the class.
        @Injectable()
        export abstract class Shop<T> {
          private size: number = 1;
          @Get(':id')
          async open(@Param('id') id: string): Promise<void> {}
          abstract close(): void;
        }
        function over(a: string): void;
        function over(a: any) {}
        export const arrow = (x: number): number => x;
    """,
    "a.tsx": """
        export const LIMIT = 3;
        export function View(p: Props) { return <div>{p.name} text</div>; }
        const Small = () => <b/>;
    """,
    "A.java": """
        package a.b;
        import java.util.List;

        /** About the class. */
        @Service
        public class Shop extends Base {
            public static final int LIMIT = 3;
            private int size;

            public Shop() {}

            @Override
            public int open(int a) { return a; }

            public int open(String a) { return 1; }

            enum Color { RED, GREEN }
        }

        interface Item { int price(); }

        record Pair(int a, int b) {}
    """,
    "a.kt": """
        package a.b

        const val LIMIT = 3
        val state = 1
        typealias Pair = Map<Int, Int>

        // About the class.
        class Shop(val size: Int) : Base() {
            val name = "x"

            fun open(a: Int): Int {
                return a
            }

            companion object {
                const val DEEP = 1
            }
        }

        interface Item {
            fun price(): Int
        }

        enum class Color { RED, GREEN }

        object Single

        fun top(): Int = 1
    """,
    "a.go": """
        package a

        const Limit = 3

        var state, other = 1, 2

        // Shop is about
        // books.
        type Shop struct {
        \tsize int
        }

        type Item interface {
        \tPrice() int
        }

        type (
        \tNumber int
        \tEmpty  struct{}
        )

        func (s *Shop) Open(a int) int {
        \treturn a
        }

        func Top() string {
        \treturn `
        not code`
        }
    """,
    "A.cs": """
        using System;

        namespace Shops
        {
            /// <summary>About the class.</summary>
            [Serializable]
            public class Shop : Base
            {
                public const int Limit = 3;
                private int size;
                public int Total { get; set; }

                public Shop() { }

                [HttpGet("x")]
                public int Open(int a) => a;
            }

            public struct Point { }

            public enum Color { Red, Green }

            public interface IItem { int Price(); }

            public record Pair(int A, int B);

            public delegate void Done();
        }
    """,
    "a.rb": """
        module Shops
          LIMIT = 3

          # About the class.
          class Shop < Base
            attr_reader :size

            def open(a)
              <<~TEXT
              not code
              TEXT
            end

            def self.make
              new
            end

            class << self
              def build; end
            end
          end
        end

        def top; end
    """,
    "a.php": """
        <?php
        namespace App;

        use App\\Models\\Base;

        const LIMIT = 3;

        /** About the class. */
        #[Attr]
        class Shop extends Base
        {
            const DEEP = 1;
            public int $size = 1;

            #[Route('/x')]
            public function open($a)
            {
                return <<<TEXT
        not code
        TEXT;
            }
        }

        interface Item { public function price(); }

        trait Countable { }

        enum Color: string { case Red = 'r'; }

        function top() { return 1; }
    """,
}
SOURCES = {name: dedent(text).lstrip("\n") for name, text in SOURCES.items()}

KINDS: dict[str, str] = {
    "a.py": (
        "constant LIMIT|variable name|type Pair|class Shop|variable Shop/size|method Shop/total[0]|method Shop/total[1]|"
        "method Shop/open|function Shop/open/inner|function top"
    ),
    "a.js": (
        "constant express|constant LIMIT|variable state|class Shop|variable Shop/size|variable Shop/#secret|"
        "method Shop/open|method Shop/close|function top|function arrow|function handler|constant service|"
        "method service/list|function service/get"
    ),
    "a.ts": (
        "interface Item|variable Item/id|method Item/price|type Pair|enum Color|constant Color/Red|constant Color/Green|"
        "module Inner|constant Inner/deep|class Shop|variable Shop/size|method Shop/open|method Shop/close|"
        "function over[0]|function over[1]|function arrow"
    ),
    "a.tsx": "constant LIMIT|function View|function Small",
    "A.java": (
        "class Shop|constant Shop/LIMIT|variable Shop/size|method Shop/Shop|method Shop/open[0]|method Shop/open[1]|"
        "enum Shop/Color|constant Shop/Color/RED|constant Shop/Color/GREEN|interface Item|method Item/price|class Pair"
    ),
    "a.kt": (
        "constant LIMIT|variable state|type Pair|class Shop|variable Shop/name|method Shop/open|class Shop/companion|"
        "constant Shop/companion/DEEP|interface Item|method Item/price|enum Color|constant Color/RED|"
        "constant Color/GREEN|class Single|function top"
    ),
    "a.go": (
        "constant Limit|variable state|variable other|struct Shop|variable Shop/size|interface Item|method Item/Price|"
        "type Number|struct Empty|method Shop/Open|function Top"
    ),
    "A.cs": (
        "module Shops|class Shops/Shop|constant Shops/Shop/Limit|variable Shops/Shop/size|variable Shops/Shop/Total|"
        "method Shops/Shop/Shop|method Shops/Shop/Open|struct Shops/Point|enum Shops/Color|constant Shops/Color/Red|"
        "constant Shops/Color/Green|interface Shops/IItem|method Shops/IItem/Price|class Shops/Pair|type Shops/Done"
    ),
    "a.rb": (
        "module Shops|constant Shops/LIMIT|class Shops/Shop|method Shops/Shop/open|method Shops/Shop/make|"
        "method Shops/Shop/build|function top"
    ),
    "a.php": (
        "constant LIMIT|class Shop|constant Shop/DEEP|variable Shop/size|method Shop/open|interface Item|"
        "method Item/price|class Countable|enum Color|constant Color/Red|function top"
    ),
}
"""File → every symbol as ``kind name_path``, outer before inner, in the order of the text."""
