"""How an OpenDocument file writes number formats and sizes: styles by name, told here as Excel's codes are."""

from brought_forward.bot.sheet.file.number_formats import telling

KINDS = {"number:number-style", "number:currency-style", "number:percentage-style"}
SIZES = {"table-column": "style:column-width", "table-row": "style:row-height"}
CURRENCY = "number:currency-symbol"
TEXTS = {CURRENCY, "number:text"}
Attributes = dict[str, str]


class DataStyles:
    """Follow the styles as they are parsed.

    Only what is seen of a positive number is told: a currency, words, thousands, nothing at all.
    """

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}  # by the style of cells: those that tell something
        self.of_no_size: set[str] = set()  # styles of rows and columns
        self._codes: dict[str, str] = {}  # by data style
        self._name, self._family, self._text = "", "", ""
        self._data: str | None = None
        self._parts: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Take a tag that begins."""
        if name in KINDS:
            self._data, self._parts = attributes.get("style:name", ""), []
        elif name == "style:style":
            self._name, self._family = attributes.get("style:name", ""), attributes.get("style:family", "")
            code = self._codes.get(attributes.get("style:data-style-name", ""), "")
            if self._family == "table-cell" and (
                code or (inherited := self.formats.get(attributes.get("style:parent-style-name", "")))
            ):
                self.formats[self._name] = code or inherited or ""
        elif name.startswith("style:table-") and self._family in SIZES:
            size = attributes.get(SIZES[self._family], "1")
            if not size.rstrip("abcdefghijklmnopqrstuvwxyz%").strip("0.") and size[:1].isdigit():
                self.of_no_size.add(self._name)
        elif self._data is not None:
            self._part(name, attributes)

    def _part(self, name: str, attributes: Attributes) -> None:
        if name == "number:number":
            factor = attributes.get("number:display-factor", "1").partition(".")[0]
            self._parts.append("#,##0.00" + "," * ((len(factor) - 1) // 3))
        elif name in TEXTS:
            self._text = ""

    def text(self, text: str) -> None:
        """Take the text of a currency, or of words beside a number."""
        self._text += text

    def end(self, name: str) -> None:
        """Take a tag that ends."""
        if name == CURRENCY:
            self._parts.append(f"[${self._text.strip() or '¤'}]")
        elif name in TEXTS and self._text.strip("-−() "):
            self._parts.append(f'"{self._text}"')
        if name in KINDS and self._data is not None:
            code = "".join(self._parts) or ";;;"
            if telling(code):
                self._codes[self._data] = code
            self._data = None
