"""convcalc count"""
