"""The words of many programs: headings by what they head, totals, titles, print lines, comments."""

KNOWN = {  # docs/sheet.md
    "matter": ["Matter", "Matter Number", "Display Number", "Case", "File No."],
    "balance": ["Balance", "Amount Due", "Outstanding", "A/R"],  # and Amount, where nothing else is money
    "user": ["User", "Attorney", "Responsible Attorney", "Timekeeper"],
    "date": ["Date", "Invoice Date"],
    "note": ["Note", "Description", "Memo"],
    "client": ["Client", "Client Name"],
}
OTHER = {
    "matter": [
        "Matter No.",
        "Matter #",
        "Matter ID",
        "MatterNumber",
        "Matter Ref",
        "Matter Code",
        "Case No.",
        "File #",
    ],
    "balance": [
        "Open Balance",
        "Balance Due",
        "Outstanding Balance",
        "Accounts Receivable",
        "Amount Outstanding",
        "Closing Balance",
        "Ending Balance",
        "Ending A/R",
        "Unpaid",
        "Amount Owed",
        "Owing",
        "Net Due",
        "Current Balance",
        "A/R Balance",
        "Total A/R",
        "Total Due",
        "O/S Balance",
        "Bal. Due",
        "Amt Due",
        "AmtDue",
        "Balance Outstanding",
        "Matter Balance",
        "Curr Bal",
        "Receivable",
        "Net Receivable",
        "To Pay",
        "Amount Remaining",
    ],
    "user": [
        "Resp Lawyer",
        "Primary Attorney",
        "Lawyer",
        "Fee Earner",
        "Responsible",
        "Atty",
        "Partner",
        "Billing Attorney",
    ],
    "date": ["Inv Date", "Bill Date", "Posted", "Trans Date", "Day"],
    "note": ["Narrative", "Details", "Particulars"],
    "client": ["Customer", "Debtor Name", "Account Name", "Client / Company", "Debtor"],
}
ODD_USER = ["RA", "Who", "Handled by", "Orig.", "Tkpr", "Staff", "In charge", ""]
HEADINGS = {  # what is never the column looked for
    "subject": ["Matter Description", "Matter Name", "Re", "Subject"],
    "billed": ["Billed", "Invoiced", "Total Billed", "Billings", "Fees Billed", "Amount Billed", "Original Amount",
               "Charges"],
    "paid": ["Paid", "Received", "Payments", "Receipts", "Amount Paid", "Cash Received", "Less Paid", "Collected",
             "Applied"],
    "credited": ["Credits", "Credit Notes", "Credit Memos", "Discounts"],
    "written": ["Written Off", "Write-offs", "Adjustments", "W/O", "Bad Debt"],
    "fees": ["Fees", "Fees Due", "Time", "Professional Fees"],
    "costs": ["Costs", "Disbursements", "Expenses", "Hard Costs"],
    "opening": ["Opening Balance", "Balance Forward", "Beginning Balance", "Opening", "Prior Balance",
                "Previous Balance",
                "Beginning A/R", "B/F"],
    "trust": ["Trust Balance", "Trust", "Client Trust Balance", "IOLTA", "Funds in Trust"],
    "retainer": ["Retainer", "Retainer Held", "Min Retainer", "Evergreen Retainer"],
    "unbilled": ["Unbilled", "WIP", "Work in Progress", "Unbilled Time", "Draft in Progress"],
    "last": ["Last Payment", "Last Receipt Amount", "Last Pmt Amt", "Last Amount Paid"],
    "rival": ["Total Due", "Total", "Total incl. WIP", "Net Balance", "Total Exposure", "Balance + WIP"],
    "stale": ["Balance", "Amount Due", "Balance 30 Jun", "Old Balance"],
    "rate": ["Rate", "Hourly Rate", "Std Rate"],
    "hours": ["Hours", "Hrs", "Unbilled Hours"],
    "limit": ["Credit Limit", "Budget", "Fee Cap"],
    "phone": ["Work Phone", "Phone", "Telephone"],
    "comments": ["Comments", "Remarks", "Collection Notes", "Notes (internal)", "Follow-up"],
    "number": ["Invoice", "Invoice No.", "Invoice #", "Num", "Bill No.", "Inv. No.", "Invoice number", "Ref"],
    "due": ["Due Date", "Due", "Payment Due"],
    "age": ["Age", "Days", "Days Old", "Aging", "Days Overdue"],
    "kind": ["Type", "Transaction type", "Trans Type", "Doc Type", "Entry Type"],
    "state": ["Status", "State", "Invoice Status"],
    "mark": ["Dr/Cr", "D/C", "DR/CR", "Dr / Cr", "Side"],
    "debit": ["Debit", "Dr", "Dr.", "Debits", "Debit Amount"],
    "credit": ["Credit", "Cr", "Cr.", "Credits", "Credit Amount"],
    "currency": ["Currency", "Cur", "Curr.", "Ccy"],
    "office": ["Office", "Branch", "Location"],
    "opened": ["Opened", "Open Date", "Matter Opened"],
}  # fmt: skip
EDGES = {(30, 60, 90): [["Current", "31-60", "61-90", "90+"], ["0-30 Days Out", "31-60 Days Out", "61-90 Days Out",
         "90+ Days Out"],
                        ["0 - 30", "31 - 60", "61 - 90", "> 90"], ["Current", "31-60 Days", "61-90 Days", "Over 90"],
                        ["Under 30", "Over 30", "Over 60", "Over 90"], ["This month", "1 Month", "2 Months",
                         "3+ Months"]],
         (30, 60, 90, 120): [["0-30", "31-60", "61-90", "91-120", "120+"], ["Current", "30 Days", "60 Days",
                             "90 Days", "120+ Days"],
                             ["0-30", "31-60", "61-90", "91-120", "Older"]],
         (0, 30, 60, 90): [["Current", "1 - 30", "31 - 60", "61 - 90", "91 and over"], ["Not due", "1-30", "31-60",
                           "61-90", ">90"]]}  # fmt: skip
AGEING_TOTAL = ["Total", "TOTAL", "Balance", "Total Due", "Amount Due", "Total A/R", "Outstanding", "Total Outstanding"]
TOTALS = [
    "Total",
    "TOTAL",
    "TOTAL DUE",
    "Total A/R",
    "Total · {n} customers",
    "Grand Total",
    "Grand Total (USD)",
    "Sum",
    "Sum total",
    "Report Total:",
    "TOTALS",
    "Firm Total",
    "All matters",
    "Total Outstanding",
    "Balance due, all matters",
    "Due in total",
    "Totals for report",
    "",
    "",
    "Overall",
    "Overall total",
    "Total Accounts Receivable",
    "Grand totals:",
    "*** TOTAL ***",
]
SUBTOTALS = [
    "Total for {x}",
    "Subtotal",
    "Sub-total",
    "{x} total",
    "Total {x}",
    "Subtotal: {x}",
    "Total · {x}",
    "{x} Subtotal",
    "",
]
MEANS = ["Average", "Average per matter", "Mean", "Avg.", "Median", "Average balance"]
COUNTS = ["No. of matters", "Count", "Number of lines", "Records"]
BELOW = [
    "Trust funds held",
    "Unbilled time not included",
    "Difference to general ledger",
    "Collected this month",
    "Prior month A/R",
]
FIRMS = ["Hale & North LLP", "Hale North Attorneys at Law", "Hale North Total Counsel PLLC"]
REPORTS = {
    "list_by_matter": [
        "Accounts Receivable by Matter",
        "Matter Balances",
        "Case Balance Summary",
        "What the firm is owed",
    ],
    "list_by_client": ["Receivables by Client", "Client Balances", "Customer Balance Summary"],
    "ageing_summary": ["A/R Aging Summary", "Aged Receivables", "Receivables Ageing by Matter"],
    "ageing_detail": ["A/R Aging Detail", "Aged Invoices by Client", "Receivables by Client"],
    "by_attorney": ["A/R by Responsible Attorney", "Balances by Lawyer"],
    "client_ledger": ["Client Ledger", "Matter Ledger", "Receivables Ledger", "Transaction List by Matter"],
    "roll_forward": ["A/R Roll-forward", "Receivables Control Report", "A/R Activity"],
    "invoice_register": ["Invoice Register", "Invoice List", "Billing Register"],
    "open_invoices": ["Open Invoices", "Unpaid Invoices", "Statement of receivables list"],
    "dr_cr": ["Debtors Trial Balance", "Debtor Balances", "Sundry Debtors"],
    "types": ["Transactions", "Open Transactions", "Customer Transactions"],
    "offices": ["Receivables", "A/R by Office"],
    "months": ["Month-end A/R", "A/R at month end"],
    "apart": ["Accounts Receivable", "A/R by Client and Matter"],
    "statement": ["Statement of Account", "STATEMENT"],
    "template": [""],
}
PRINTED = ["Page {n} of 4", "Printed by AB on 11/02/2026 10:12", "Page {n}", "Hale & North LLP - confidential",
           "Run date: 2026-11-02 09:14"]  # fmt: skip
ENDS = [
    "*** End of report ***",
    "Report generated 3 Nov 2026",
    "Prepared by: accounts",
    "1 of 1",
    "Printed 02.11.2026 09:14 Page 1",
    "Sources: billing system, unaudited",
    "Figures in US dollars unless stated otherwise",
]
COMMENTS = [
    "called 3/1, will pay",
    "promised 500.00 by Friday",
    "disputes the August invoice",
    "see e-mail",
    "ok",
    "left a message",
    "payment plan: 250/month",
    "client moved, new address wanted",
    "paid? check with bank",
]


def camel(words: str) -> str:
    """Write a heading as a database's column."""
    return "".join(
        word[:1].upper() + word[1:] for word in "".join(one if one.isalnum() else " " for one in words).split()
    )


def snake(words: str) -> str:
    """Write a heading as an export's field."""
    return "_".join("".join(one if one.isalnum() else " " for one in words).lower().split())
